/**
 * The text of Belfry's tables for Drizzle, made from the models for Prisma: so there is one description of the tables as they
 * are, beside the migrations that lead there.
 */
import type { Dialect } from '../storage/database.ts';

interface Field {
  name: string;
  column: string;
  type: 'Int' | 'BigInt' | 'String' | 'DateTime';
  isOptional: boolean;
  isId: boolean;
  isUnique: boolean;
  counts: boolean;
  preset: string | null;
}

interface Model {
  name: string;
  table: string;
  fields: Field[];
  /** The fields of a key of several. */
  key: string[];
  indexes: { fields: string[]; name: string | null }[];
}

interface PartialIndex {
  make: 'index' | 'uniqueIndex';
  fields: readonly string[];
  name: string;
  where: string;
}

// Prisma's models cannot say it: a job that was given up leaves its key to the next, and few events ask something or
// belong to a group.
const PARTIAL_INDEXES: Record<string, PartialIndex[]> = {
  belfry_event: [
    {
      make: 'index',
      fields: ['questionId'],
      name: 'belfry_event_question_idx',
      where: '"question_id" IS NOT NULL',
    },
    {
      make: 'index',
      fields: ['groupKey', 'targetUserId', 'topicId', 'id'],
      name: 'belfry_event_group_idx',
      where: '"group_key" IS NOT NULL',
    },
  ],
  belfry_job: [
    {
      make: 'uniqueIndex',
      fields: ['uniqueKey'],
      name: 'belfry_job_unique_key_key',
      where: '"failed_at" IS NULL',
    },
  ],
};

const HEADS: Record<Dialect, string> = {
  sqlite:
    "import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';",
  postgresql:
    "import {\n  bigint,\n  bigserial,\n  index,\n  integer,\n  pgTable,\n  primaryKey,\n  serial,\n  text,\n  timestamp,\n  uniqueIndex,\n} from 'drizzle-orm/pg-core';",
};

/** @param models As prisma/belfry.prisma has them. */
export function drizzleSchema(models: string, dialect: Dialect): string {
  const tables = parseModels(models).map((model) => tableText(model, dialect));
  return `/**
 * The tables of Belfry, for queries of your own. Made by \`npx belfry generate\`: change nothing here. Leave this file out of the
 * schema in drizzle.config: the tables come from Belfry's own migrations, which say more than this can. Where drizzle-kit
 * pushes, or pulls, give it tablesFilter: ['!belfry_*'].
 */
import { sql } from 'drizzle-orm';
${HEADS[dialect]}

${tables.join('\n\n')}
`;
}

function parseModels(text: string): Model[] {
  return [...text.matchAll(/^model (\w+) \{\n([\s\S]*?)^\}/gm)].map(([, name = '', body = '']) => {
    const lines = body.split('\n').map((line) => line.trim());
    const attribute = (pattern: RegExp) => lines.flatMap((line) => [...line.matchAll(pattern)]);
    return {
      name,
      table: attribute(/^@@map\("(\w+)"\)/g)[0]?.[1] ?? name,
      fields: lines.filter((line) => /^\w+\s+(Int|BigInt|String|DateTime)\b/.test(line)).map(parseField),
      key: namesIn(attribute(/^@@id\(\[([^\]]*)\]/g)[0]?.[1] ?? ''),
      indexes: attribute(/^@@index\(\[([^\]]*)\](?:, map: "(\w+)")?/g).map(([, fields = '', map]) => ({
        fields: namesIn(fields),
        name: map ?? null,
      })),
    };
  });
}

function namesIn(list: string): string[] {
  return list
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
}

function parseField(line: string): Field {
  const [, name = '', type = '', optional] = /^(\w+)\s+(\w+)(\?)?/.exec(line) ?? [];
  return {
    name,
    column: /@map\("(\w+)"\)/.exec(line)?.[1] ?? name,
    type: type as Field['type'],
    isOptional: optional !== undefined,
    isId: /@id\b/.test(line),
    isUnique: /@unique\b/.test(line),
    counts: line.includes('autoincrement()'),
    preset: /@default\((\d+)\)/.exec(line)?.[1] ?? null,
  };
}

function tableText(model: Model, dialect: Dialect): string {
  const make = dialect === 'sqlite' ? 'sqliteTable' : 'pgTable';
  const name = model.name.charAt(0).toLowerCase() + model.name.slice(1);
  const columns = model.fields.map((field) => `    ${field.name}: ${columnText(field, dialect)},`);
  const extras = extrasOf(model, dialect).map((line) => `    ${line},`);
  const tail = extras.length === 0 ? '' : `\n  (table) => [\n${extras.join('\n')}\n  ],`;
  return `export const ${name} = ${make}(\n  '${model.table}',\n  {\n${columns.join('\n')}\n  },${tail}\n);`;
}

function columnText(field: Field, dialect: Dialect): string {
  const [base, isNotNull] = dialect === 'sqlite' ? sqliteColumn(field) : postgresqlColumn(field);
  const key = field.isId
    ? `.primaryKey(${dialect === 'sqlite' && field.type !== 'String' ? '{ autoIncrement: true }' : ''})`
    : '';
  const notNull = field.isOptional || field.isId || isNotNull ? '' : '.notNull()';
  return `${base}${key}${notNull}${field.preset === null ? '' : `.default(${field.preset})`}`;
}

function sqliteColumn({ column, type }: Field): [text: string, isNotNull: boolean] {
  if (type === 'String') return [`text('${column}')`, false];
  return [`integer('${column}', { mode: '${type === 'DateTime' ? 'timestamp_ms' : 'number'}' })`, false];
}

function postgresqlColumn({ column, type, counts }: Field): [text: string, isNotNull: boolean] {
  if (type === 'String') return [`text('${column}')`, false];
  if (type === 'DateTime') return [`timestamp('${column}', { precision: 3 })`, false];
  if (type === 'Int') return [`${counts ? 'serial' : 'integer'}('${column}')`, counts];
  return [`${counts ? 'bigserial' : 'bigint'}('${column}', { mode: 'number' })`, counts];
}

function extrasOf({ table, fields, key, indexes }: Model, dialect: Dialect): string[] {
  const columnOf = (name: string) => fields.find((field) => field.name === name)?.column;
  const on = (names: readonly string[]) => names.map((name) => `table.${name}`).join(', ');
  const partial = PARTIAL_INDEXES[table] ?? [];
  return [
    ...(key.length === 0
      ? []
      : [
          `primaryKey({ ${dialect === 'postgresql' ? `name: '${table}_pkey', ` : ''}columns: [${on(key)}] })`,
        ]),
    ...fields
      .filter(({ isUnique }) => isUnique)
      .map(({ name, column }) => `uniqueIndex('${table}_${column}_key').on(table.${name})`),
    ...indexes.map((index) => {
      const name = index.name ?? `${table}_${index.fields.map(columnOf).join('_')}_idx`;
      return `index('${name}').on(${on(index.fields)})`;
    }),
    ...partial.map(
      ({ make, name, fields, where }) => `${make}('${name}').on(${on(fields)}).where(sql\`${where}\`)`,
    ),
  ];
}
