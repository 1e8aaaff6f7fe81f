/**
 * The accounts with which a new database can be tried out. Their password is random, made for that database
 * and kept beside it; it is `belfry-demo`, which everybody knows, only where `BELFRY_DEMO=1` says so.
 *
 * They are for a server that only its own machine reaches: once it is public they are closed, for as long as
 * it is. Whoever gives one of them a password of their own has an account like any other.
 */
import { randomInt } from 'node:crypto';
import { rmSync } from 'node:fs';
import { env } from '../config/env.ts';
import { demoPasswordFile, embeddedDatabaseFile } from '../config/start-settings.mjs';
import type { Database } from '../database/db.ts';
import { SYSTEM_ACTOR } from './actor.ts';
import { auditTrail } from './audit.ts';
import { type KeptSecret, readOrMakeSecret, readSecret } from './kept-secret.ts';
import { hashPassword, inPasswordTurn, NO_PASSWORD, verifyPassword } from './password.ts';
import { endSessionsWithin } from './sessions.ts';

/** The demo password that is no secret. */
export const PUBLIC_DEMO_PASSWORD = 'belfry-demo';

const DEMO_ACCOUNTS = [
  { email: 'admin@belfry.test', name: 'Quinn Bellamy', role: 'ADMIN' },
  { email: 'ada@belfry.test', name: 'Ada Byron', role: 'USER' },
  { email: 'ben@belfry.test', name: 'Ben Carver', role: 'USER' },
] as const;
const IS_DEMO_ACCOUNT = { email: { in: DEMO_ACCOUNTS.map(({ email }) => email) } };

// Perhaps typed by hand: nothing that looks like something else. 31 of them in 16 places are 79 bits.
const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789';
const GROUPS = 4;
const GROUP_LENGTH = 4;

type Users = Pick<Database, 'user'>;

/**
 * Makes the demo accounts in a new database. Those that are there already get the password of this start, if
 * they still have a demo password: their sessions end, and what opened them before opens nothing. Called at
 * every start; at several starts at once too.
 *
 * @throws BelfryError `bad_environment` when the password cannot be kept.
 */
export async function settleDemoAccounts(
  db: Database,
  { isNewDatabase }: { isNewDatabase: boolean },
): Promise<void> {
  const accounts = await findWithDemoPassword(db);
  if (accounts.length === 0 && !(isNewDatabase && env.demoAccounts !== 'none')) {
    // It would open nothing any more.
    forgetKeptPassword();
    return;
  }
  const password = makeDemoPassword();
  const stale = accounts.filter(({ opensWith }) => opensWith !== password);
  if (stale.length === 0 && !isNewDatabase) return;

  const passwordHash = password === null ? NO_PASSWORD : await hashPassword(password);
  if (isNewDatabase) {
    await makeAccounts(db, passwordHash);
    auditTrail.record({ action: 'demo_accounts_created', by: SYSTEM_ACTOR });
  }
  for (const { id, email, passwordHash: before } of stale) {
    const isChanged = await db.$transaction(async (tx) => {
      // Not one that was given a password of its own meanwhile.
      const { count } = await tx.user.updateMany({
        where: { id, passwordHash: before },
        data: { passwordHash },
      });
      if (count > 0) await endSessionsWithin(tx, { userId: id });
      return count > 0;
    });
    if (isChanged) auditTrail.record({ action: 'password_changed', by: SYSTEM_ACTOR, subject: email });
  }
}

/** The password that demo accounts have on this server; null where they are closed, or there are none. */
export function demoPassword(): string | null {
  if (env.demoAccounts === 'public-password') return PUBLIC_DEMO_PASSWORD;
  const kept = env.demoAccounts === 'own-password' ? keptPassword() : null;
  return kept && readSecret(kept);
}

/** The demo password where a page may show it, to anybody; null elsewhere. */
export function publicDemoPassword(): string | null {
  return env.demoAccounts === 'public-password' ? PUBLIC_DEMO_PASSWORD : null;
}

/** The demo accounts that sign-in may offer; none where they are closed. */
export async function findDemoAccounts(db: Users): Promise<{ email: string; name: string; role: string }[]> {
  if (demoPassword() === null) return [];
  return db.user.findMany({
    where: { ...IS_DEMO_ACCOUNT, disabledAt: null },
    select: { email: true, name: true, role: true },
    orderBy: { id: 'asc' },
  });
}

/** The addresses of those demo accounts that `demoPassword` opens at present. */
export async function findOpenDemoAccounts(db: Users): Promise<string[]> {
  const password = demoPassword();
  const accounts = password === null ? [] : await findWithDemoPassword(db);
  return accounts
    .filter(({ opensWith, disabledAt }) => opensWith === password && disabledAt === null)
    .map(({ email }) => email);
}

async function makeAccounts(db: Users, passwordHash: string): Promise<void> {
  for (const account of DEMO_ACCOUNTS) {
    await db.user.upsert({
      where: { email: account.email },
      create: { ...account, passwordHash },
      update: {},
    });
  }
}

interface DemoAccount {
  id: number;
  email: string;
  passwordHash: string;
  disabledAt: Date | null;
  /** Null while it is closed. */
  opensWith: string | null;
}

async function findWithDemoPassword(db: Users): Promise<DemoAccount[]> {
  const rows = await db.user.findMany({
    where: IS_DEMO_ACCOUNT,
    select: { id: true, email: true, passwordHash: true, disabledAt: true },
    orderBy: { id: 'asc' },
  });
  const kept = keptPassword();
  const passwords = [kept && readSecret(kept), PUBLIC_DEMO_PASSWORD].filter((password) => password !== null);
  // Made together, the three have one hash, and checking it takes a while.
  const opensWith = new Map<string, string | null | undefined>();
  for (const hash of new Set(rows.map(({ passwordHash }) => passwordHash))) {
    opensWith.set(hash, hash === NO_PASSWORD ? null : await firstThatOpens(hash, passwords));
  }
  return rows.flatMap((row) => {
    const password = opensWith.get(row.passwordHash);
    return password === undefined ? [] : [{ ...row, opensWith: password }];
  });
}

async function firstThatOpens(hash: string, passwords: readonly string[]): Promise<string | undefined> {
  for (const password of passwords) {
    if (await inPasswordTurn(() => verifyPassword(hash, password))) return password;
  }
  return undefined;
}

/** As `demoPassword`, and makes one where there has to be one. */
function makeDemoPassword(): string | null {
  const kept = env.demoAccounts === 'own-password' ? keptPassword() : null;
  return kept ? readOrMakeSecret(kept, randomPassword) : demoPassword();
}

function randomPassword(): string {
  const group = () => Array.from({ length: GROUP_LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join('');
  return Array.from({ length: GROUPS }, group).join('-');
}

function forgetKeptPassword(): void {
  const kept = keptPassword();
  if (kept) rmSync(/* turbopackIgnore: true */ kept.file, { force: true });
}

/** Null on PostgreSQL: several machines have no file in common. See `demoAccounts` in lib/config/env.ts. */
function keptPassword(): KeptSecret | null {
  const databaseFile = embeddedDatabaseFile(env.databaseUrl);
  if (databaseFile === null) return null;
  return {
    // scripts/settings.mjs reads it too.
    file: demoPasswordFile(databaseFile),
    what: 'The password of the demo accounts',
    whenMadeAnew: 'run npm run demo-password to see it',
    orElse: 'set BELFRY_DEMO=0 to have none',
  };
}
