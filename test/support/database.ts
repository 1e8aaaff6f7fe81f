/** A migrated database of its own for a test file, gone afterwards. */
import { migrate as migratePort } from '../../lib/belfry/migrations/migrations.ts';
import type { SqlDatabase } from '../../lib/belfry/storage/database.ts';
import { type PrismaRunner, prismaRunner } from '../../lib/belfry/storage/prisma-database.ts';
import { type Database, openDatabase } from '../../lib/database/db.ts';
import { DIALECT, migratedDatabase } from './empty-database.ts';
import type { Filled, Filling } from './fillings.ts';

export interface TestDatabase {
  db: Database;
  url: string;
  /** Ends every connection to it. */
  disconnect: () => Promise<void>;
  /** Disconnects and removes it. */
  remove: () => Promise<void>;
}

const { DATABASE_PORT } = process.env;

/** What `DATABASE_PORT` says, for the tests of the store; undefined: this app's own. */
const filling = DATABASE_PORT === undefined ? undefined : await fillingCalled(DATABASE_PORT);

const chosen = new WeakMap<Database, SqlDatabase>();

/** The port that `DATABASE_PORT` asks for, of a client that `freshDatabase` made; undefined where nothing was asked for. */
export function chosenPortOf(db: Database): SqlDatabase | undefined {
  return chosen.get(db);
}

export async function freshDatabase(): Promise<TestDatabase> {
  const { url, remove } = await migratedDatabase();
  const filled = filling?.open(url);
  const db = filled?.client ?? openDatabase(url);
  // A transaction that a test begins is one of Prisma's.
  if (filled) {
    const within = (tx: unknown) => prismaRunner(tx as PrismaRunner, filled.port.dialect);
    chosen.set(db, filled.client ? filled.port : { ...filled.port, within });
  }
  // A pool may be ended once.
  let beside = filled?.client ? undefined : filled;
  const disconnect = async () => {
    await db.$disconnect();
    const close = beside?.close;
    beside = undefined;
    await close?.();
  };
  return {
    db,
    url,
    disconnect,
    remove: async () => {
      await disconnect();
      await remove();
    },
  };
}

/** A port on a fresh database, with Belfry's tables. `remove` closes it too. */
export interface FilledDatabase extends Filled {
  url: string;
  remove: () => Promise<void>;
}

export async function filledDatabase({ open, isAlone = false }: Filling): Promise<FilledDatabase> {
  const { db, url, remove } = await freshDatabase();
  await db.$disconnect();
  const filled = open(url);
  if (isAlone) await migratePort(filled.port);
  return {
    ...filled,
    url,
    remove: async () => {
      await filled.close();
      await remove();
    },
  };
}

/** The one whose name holds this. */
async function fillingCalled(part: string): Promise<Filling> {
  // The libraries behind them take seconds to load.
  const { fillingsOn } = await import('./fillings.ts');
  const filling = fillingsOn(DIALECT).find(({ name }) => name.includes(part));
  if (!filling) throw new Error(`No way to fill the port is called ${part}.`);
  return filling;
}
