// Makes what the sources are run from: Prisma's client and Next's build.

import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { ROOT, runTool } from './command.mjs';
import { filesBelow, fingerprint, removeStamp, stampMatches, writeStamp } from './fingerprint.mjs';
import { addStaticFilesOfLastBuilds, keepStaticFiles } from './last-builds.mjs';
import { toPostgresqlSchema } from './postgresql-schema.mjs';
import { refuseWhileUsed } from './running.mjs';
import { publicVariablesOf } from './settings.mjs';
import { Problem, step } from './terminal.mjs';

// The app's own tables, and Belfry's.
const SCHEMA_FILES = ['prisma/schema.prisma', 'prisma/belfry.prisma'];
const SCHEMA = 'prisma';
const POSTGRESQL_SCHEMA = 'generated/postgresql.prisma';
const CLIENTS = ['generated/prisma/client.ts', 'generated/prisma-postgresql/client.ts'];
const GENERATED_STAMP = 'generated/.stamp';
const BUILD_STAMP = '.next/belfry-build';
const STANDALONE_STAMP = '.next-standalone/belfry-build';
/** What a container runs. Next makes it, from what `next.config.mjs` says of it. */
const STANDALONE = '.next-standalone/standalone';

// Everything else at the top level may be imported by the app, also what somebody adds later.
const NOT_BUILT = new Set([
  'node_modules',
  'generated',
  'data',
  'docs',
  'e2e',
  'test',
  'test-results',
  'playwright-report',
  'coverage',
  'dist',
  'sbom',
  'public',
  'scripts',
  'bench',
  'deploy',
]);
const SOURCE = /\.([cm]?[jt]sx?|json|css|mdx?|prisma|svg|png|jpe?g|gif|webp|avif|ico|woff2?|txt)$/;
// What the tools write themselves, and what only they read.
const NOT_SOURCE = new Set([
  'next-env.d.ts',
  'biome.json',
  'vitest.config.ts',
  'playwright.config.ts',
  'tsconfig.package.json',
]);

/** Generates the database clients, one for each database, if the schema or Prisma changed. */
export async function generate() {
  const sources = [...SCHEMA_FILES, 'prisma.config.ts', 'scripts/postgresql-schema.mjs'];
  const wanted = fingerprint(sources, [prismaVersion()]);
  const areThere = CLIENTS.every((file) => existsSync(join(ROOT, file)));
  if (stampMatches(GENERATED_STAMP, wanted) && areThere) return;
  removeStamp(GENERATED_STAMP);
  await step('Generating the database clients', 'Generated the database clients', async () => {
    mkdirSync(join(ROOT, 'generated'), { recursive: true });
    writeFileSync(
      join(ROOT, POSTGRESQL_SCHEMA),
      toPostgresqlSchema(SCHEMA_FILES.map((file) => readFileSync(join(ROOT, file), 'utf8')).join('\n')),
    );
    for (const schema of [SCHEMA, POSTGRESQL_SCHEMA]) {
      const { code, output } = await runTool('prisma', ['generate', '--schema', schema]);
      if (code !== 0)
        throw new Problem(`The database client could not be generated from ${schema}.`, { output });
    }
  });
  writeStamp(GENERATED_STAMP, wanted);
}

/**
 * Builds the app if a source changed. `publicVariables` are baked into the pages, so they count as one.
 *
 * @param areTypesChecked They were, of these very sources: that is not done again.
 */
export async function build({ publicVariables = [], areTypesChecked = false } = {}) {
  const wanted = fingerprint(sources(), publicVariables);
  if (stampMatches(BUILD_STAMP, wanted) && existsSync(join(ROOT, '.next/BUILD_ID'))) return;
  refuseWhileUsed('.next', 'sources have changed');
  removeStamp(BUILD_STAMP);
  await step('Building the app', 'Built the app', async () => {
    keepStaticFiles();
    await runBuild({ BELFRY_VERSION: versionOf(publicVariables), ...typesChecked(areTypesChecked) });
    keepStaticFiles();
    addStaticFilesOfLastBuilds();
  });
  writeStamp(BUILD_STAMP, wanted);
}

/**
 * What this build is called: the same for all builds of the same sources, wherever they were made. In
 * digits, since a name in which "ad" occurs is blocked by some browsers.
 */
export function versionOf(publicVariables) {
  return BigInt(`0x${fingerprint(sources(), publicVariables).slice(0, 16)}`).toString();
}

/** Builds the folder that a container runs, complete, if something that goes into it changed. As `build`. */
export async function buildStandalone({ areTypesChecked = false } = {}) {
  const copied = ['deploy', 'prisma/migrations', 'public'].flatMap(filesBelow);
  const wanted = fingerprint([...sources(), ...copied], publicVariablesOf(process.env));
  if (stampMatches(STANDALONE_STAMP, wanted) && existsSync(join(ROOT, STANDALONE, 'server.js'))) return;
  refuseWhileUsed('.next-standalone', 'sources have changed');
  removeStamp(STANDALONE_STAMP);
  await step('Building the app for containers', 'Built the app for containers', async () => {
    // Next points the editor's types at the newest build. This one is not what is worked with.
    const types = readIfThere('next-env.d.ts');
    await runBuild({
      BELFRY_STANDALONE: '1',
      BELFRY_VERSION: versionOf(publicVariablesOf(process.env)),
      ...typesChecked(areTypesChecked),
    });
    if (types) writeFileSync(join(ROOT, 'next-env.d.ts'), types);

    // Next takes along what the code seems to read. This it must not: the secret of this machine, its database.
    rmSync(join(ROOT, STANDALONE, 'data'), { recursive: true, force: true });

    // Next leaves these out, for those who serve them from elsewhere.
    copyInto(STANDALONE, '.next-standalone/static');
    copyInto(STANDALONE, 'public');
    renameSync(join(ROOT, STANDALONE, 'server.js'), join(ROOT, STANDALONE, 'next-server.js'));
    for (const file of ['start.mjs', 'server.js', 'check-node.mjs', 'healthy.mjs'])
      cpSync(join(ROOT, 'deploy', file), join(ROOT, STANDALONE, file));
  });
  writeStamp(STANDALONE_STAMP, wanted);
}

function copyInto(folder, path) {
  if (existsSync(join(ROOT, path))) cpSync(join(ROOT, path), join(ROOT, folder, path), { recursive: true });
}

function readIfThere(file) {
  return existsSync(join(ROOT, file)) ? readFileSync(join(ROOT, file)) : undefined;
}

function typesChecked(areChecked) {
  return areChecked ? { BELFRY_TYPES_CHECKED: '1' } : {};
}

async function runBuild(env) {
  const { code, output } = await runTool('next', ['build'], { env: { NODE_ENV: 'production', ...env } });
  if (code === 0) return;
  throw new Problem('The app could not be built: mend the error above, then run the same command again.', {
    output,
  });
}

function sources() {
  const entries = readdirSync(ROOT, { withFileTypes: true });
  const named = entries.filter(({ name }) => !name.startsWith('.') && !NOT_BUILT.has(name));
  const files = named.flatMap((entry) => (entry.isDirectory() ? filesBelow(entry.name) : [entry.name]));
  return files.filter((file) => SOURCE.test(file) && !NOT_SOURCE.has(file) && !/^[^/]+\.md$/.test(file));
}

function prismaVersion() {
  return JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages['node_modules/prisma']
    .version;
}
