/** Making accounts and changing what they may do. Reading who is asking is session.ts. */
import type { UserPage } from 'belfry';
import { z } from 'zod';
import { BelfryError, invalidInput, OWN_MESSAGES } from '../belfry/protocol/errors.ts';
import { lineOfText } from '../belfry/protocol/text.ts';
import { deleteUser } from '../belfry/storage/delete-user.ts';
import { db, sqlOf } from '../database/db.ts';
import { toMessage } from '../language/languages.ts';
import type { AppMessageKey } from '../language/messages.ts';
import { type Actor, auditTrail } from './audit.ts';
import { hashPassword } from './password.ts';
import { passwordSchema } from './password-rules.ts';
import { asRole, type Role } from './role.ts';
import { announceEnded } from './session-end.ts';
import { endSessionsWithin } from './sessions.ts';

// Well below the databases' limits on parameters.
const FOUND_AT_ONCE = 5_000;
// The column has 32 bits.
const LARGEST_ID = 2_147_483_647;

/** An address as it is stored and looked up: trimmed, in lower case. */
export const emailSchema = z
  .string()
  .trim()
  .toLowerCase()
  .max(254, 'server.auth.email-too-long' satisfies AppMessageKey)
  .pipe(z.email('server.auth.email' satisfies AppMessageKey));

export const nameSchema = lineOfText<AppMessageKey>({
  max: 100,
  missing: 'server.auth.name-missing',
  tooLong: 'server.auth.name-too-long',
});

/** From now on the account's pages are in this language, wherever somebody signs in. @param language A BCP 47 tag. */
export async function setLanguage({ userId, language }: { userId: number; language: string }): Promise<void> {
  await db.user.updateMany({ where: { id: userId }, data: { language } });
}

/** How many accounts may sign in. */
export function countAccounts(): Promise<number> {
  return db.user.count({ where: { disabledAt: null } });
}

/** Which of these ids are those of accounts. */
export async function userIdsThatExist(ids: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (let at = 0; at < ids.length; at += FOUND_AT_ONCE) {
    const asked = ids.slice(at, at + FOUND_AT_ONCE).filter((id) => /^[1-9]\d{0,9}$/.test(id));
    const rows = await db.user.findMany({
      where: { id: { in: asked.map(Number).filter((id) => id <= LARGEST_ID) } },
      select: { id: true },
    });
    found.push(...rows.map(({ id }) => String(id)));
  }
  return found;
}

/** The ids of accounts, by age: `limit` of them at most, and those after one where it is named. */
export async function userIdsAfter({ after, limit }: UserPage): Promise<string[]> {
  const rows = await db.user.findMany({
    where: { id: { gt: Number(after ?? 0) } },
    orderBy: { id: 'asc' },
    take: limit,
    select: { id: true },
  });
  return rows.map(({ id }) => String(id));
}

/**
 * Makes an account; whoever holds its password can sign in at once.
 *
 * @param account.role `USER` unless given.
 * @throws BelfryError `invalid_input` with `fieldErrors`, or `conflict` when the address has an account.
 */
export async function createAccount(
  account: { email: string; name: string; password: string; role?: Role },
  by: Actor,
): Promise<{ id: number }> {
  const { role = 'USER' } = account;
  const schema = z.object({ email: emailSchema, name: nameSchema, password: passwordSchema(account) });
  const { email, name, password } = await parse(schema, account);
  const passwordHash = await hashPassword(password);
  try {
    const created = await db.user.create({ data: { email, name, passwordHash, role }, select: { id: true } });
    auditTrail.record({ action: 'account_created', by, subject: email, detail: { role } });
    return created;
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw new BelfryError(
      'conflict',
      `${email} already has an account. Use another address, or sign in with it.`,
      {
        cause: error,
      },
    );
  }
}

/** The account of an address, written in any case; null when there is none. */
export async function findAccount(
  email: string,
): Promise<{ id: number; email: string; name: string; role: Role; disabled: boolean } | null> {
  const row = await db.user.findUnique({
    where: { email: email.trim().toLowerCase() },
    select: { id: true, email: true, name: true, role: true, disabledAt: true },
  });
  if (!row) return null;
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    role: asRole(row.role),
    disabled: row.disabledAt !== null,
  };
}

/** An account as a list of them shows it. */
export interface ListedAccount {
  id: number;
  email: string;
  name: string;
  role: Role;
  createdAt: Date;
  disabledAt: Date | null;
}

/** All accounts, oldest first. */
export async function listAccounts(): Promise<ListedAccount[]> {
  const rows = await db.user.findMany({
    select: { id: true, email: true, name: true, role: true, createdAt: true, disabledAt: true },
    orderBy: { id: 'asc' },
  });
  return rows.map((row) => ({ ...row, role: asRole(row.role) }));
}

/** A change of an account, by its address. */
interface AccountChange {
  email: string;
  /** Also when nobody would be left who is an admin and can sign in. Default: not then. */
  force?: boolean | undefined;
}

/**
 * Gives the account another role, from its next request on; nobody is signed out, and open streams come back
 * with the new role. What it is already, it stays.
 *
 * @throws BelfryError `not_found` when the address has no account, `conflict` for the last admin.
 */
export async function setRole(
  { email, role, force }: AccountChange & { role: Role },
  by: Actor,
): Promise<void> {
  const account = await requireAccount(email);
  if (account.role === role) return;
  if (role !== 'ADMIN' && !force) await refuseLastAdmin(account);
  await db.user.update({ where: { id: account.id }, data: { role } });
  const detail = { from: account.role, to: role };
  auditTrail.record({ action: 'role_changed', by, subject: account.email, detail });
}

/**
 * Keeps the account from signing in, and ends its sessions for good: requests at once, open streams
 * within 2 s. Returns false when it was disabled already.
 *
 * @throws BelfryError `not_found` when the address has no account, `conflict` for the last admin.
 */
export async function disableAccount({ email, force }: AccountChange, by: Actor): Promise<boolean> {
  const account = await requireAccount(email);
  if (account.disabled) return false;
  if (!force) await refuseLastAdmin(account);
  // For good, so that they do not come back with the account.
  await changeAndEndSessions(account.id, { disabledAt: new Date() });
  auditTrail.record({ action: 'account_disabled', by, subject: account.email });
  return true;
}

/**
 * Lets a disabled account sign in again, with the password that it had. Returns false when it could already.
 *
 * @throws BelfryError `not_found` when the address has no account.
 */
export async function enableAccount({ email }: { email: string }, by: Actor): Promise<boolean> {
  const account = await requireAccount(email);
  if (!account.disabled) return false;
  await db.user.update({ where: { id: account.id }, data: { disabledAt: null } });
  auditTrail.record({ action: 'account_enabled', by, subject: account.email });
  return true;
}

/**
 * Replaces the password and ends every session of the account, but one if it is named: requests at once,
 * open streams within 2 s.
 *
 * @param account.keepSessionId The session of whoever changes their own password.
 * @throws BelfryError `invalid_input` for a password that cannot be used, `not_found` when the address
 * has no account.
 */
export async function setPassword(
  account: { email: string; password: string; keepSessionId?: string },
  by: Actor,
): Promise<void> {
  const { id, email, name } = await requireAccount(account.email);
  const { password } = await parse(z.object({ password: passwordSchema({ email, name }) }), account);
  const passwordHash = await hashPassword(password);
  await changeAndEndSessions(id, { passwordHash }, account.keepSessionId);
  auditTrail.record({ action: 'password_changed', by, subject: email });
}

/**
 * Deletes the account with what is its alone: notifications, what was dismissed and cleared, sessions. What
 * was sent to everybody stays. Its requests are refused at once; its streams end within 2 s where this
 * runs in the server, and else at the next check, within 10 s.
 *
 * @throws BelfryError `not_found` when the address has no account, `conflict` for the last admin.
 */
export async function deleteAccount({ email, force }: AccountChange, by: Actor): Promise<void> {
  const account = await requireAccount(email);
  if (!force) await refuseLastAdmin(account);
  const ended = await db.$transaction(async (tx) => {
    const sessions = await endSessionsWithin(tx, { userId: account.id });
    // A trigger takes the rest along, as it does when somebody deletes the row by hand.
    await tx.user.deleteMany({ where: { id: account.id } });
    return sessions;
  });
  announceEnded(ended);
  auditTrail.record({ action: 'account_deleted', by, subject: account.email });
  // The trigger knows nothing of what is to be sent later.
  await deleteUser(sqlOf(db), String(account.id));
}

async function changeAndEndSessions(
  userId: number,
  change: { passwordHash: string } | { disabledAt: Date },
  except?: string,
): Promise<void> {
  const ended = await db.$transaction(async (tx) => {
    // In this order: whoever signs in meanwhile has the row before us, and their session is found, or has it
    // after us, and is refused. See `createSession`.
    await tx.user.updateMany({ where: { id: userId }, data: change });
    return endSessionsWithin(tx, { userId, except });
  });
  announceEnded(ended);
}

async function parse<T>(schema: z.ZodType<T>, value: unknown): Promise<T> {
  const parsed = await schema.safeParseAsync(value, OWN_MESSAGES);
  if (parsed.success) return parsed.data;
  throw invalidInput(parsed.error, null, { toMessage });
}

async function requireAccount(email: string) {
  const account = await findAccount(email);
  if (!account) throw new BelfryError('not_found', toMessage('server.auth.no-account', { email }));
  return account;
}

/** Nobody could send to everyone, or make another admin but by command. */
async function refuseLastAdmin({
  id,
  email,
  role,
  disabled,
}: {
  id: number;
  email: string;
  role: Role;
  disabled: boolean;
}): Promise<void> {
  if (role !== 'ADMIN' || disabled) return;
  const others = await db.user.count({ where: { role: 'ADMIN', disabledAt: null, id: { not: id } } });
  if (others > 0) return;
  throw new BelfryError('conflict', `${email} is the last admin. Make another one first, or add --force.`);
}

function isUniqueViolation(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'P2002';
}
