/** Making accounts and changing what they may do. Reading who is asking is session.ts. */
import { z } from 'zod';
import { db } from '../db.ts';
import { BelfryError, invalidInput } from '../errors.ts';
import { lineOfText } from '../text.ts';
import { hashPassword } from './password.ts';

export type Role = 'ADMIN' | 'USER';

export const SHORTEST_PASSWORD = 10;
// Long enough for any passphrase; hashing a megabyte would be a favour to an attacker.
export const LONGEST_PASSWORD = 1_024;

/** An address as it is stored and looked up: trimmed, in lower case. */
export const emailSchema = z
  .string()
  .trim()
  .toLowerCase()
  .max(254, 'Give an email address of at most 254 characters.')
  .pipe(z.email('Give an email address, such as ada@example.com.'));

// The name travels inside the session cookie, which browsers cap at 4 KiB.
export const nameSchema = lineOfText({
  max: 100,
  missing: 'Give a name, so that others know who this is.',
  tooLong: 'Give a name of at most 100 characters.',
});

export const passwordSchema = z
  .string()
  .min(SHORTEST_PASSWORD, `Choose a password of at least ${SHORTEST_PASSWORD} characters.`)
  .max(LONGEST_PASSWORD, `Choose a password of at most ${LONGEST_PASSWORD} characters.`);

const accountSchema = z.object({ email: emailSchema, name: nameSchema, password: passwordSchema });

/**
 * Makes an account; whoever holds its password can sign in at once.
 *
 * @param account.role `USER` unless given.
 * @throws BelfryError `invalid_input` with `fieldErrors`, or `conflict` when the address has an account.
 */
export async function createAccount(account: {
  email: string;
  name: string;
  password: string;
  role?: Role;
}): Promise<{ id: number }> {
  const { email, name, password } = parse(accountSchema, account);
  const passwordHash = await hashPassword(password);
  try {
    return await db.user.create({
      data: { email, name, passwordHash, role: account.role ?? 'USER' },
      select: { id: true },
    });
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

/**
 * Makes the account an admin, from its next request on; nobody is signed out. An admin stays one.
 *
 * @throws BelfryError `not_found` when the address has no account.
 */
export async function promoteToAdmin(email: string): Promise<void> {
  const { count } = await db.user.updateMany({
    where: { email: email.trim().toLowerCase() },
    data: { role: 'ADMIN' },
  });
  if (count === 0) throw noAccount(email);
}

/**
 * Replaces the password and ends every session of the account: requests at once, open streams at the
 * next check for revoked sessions.
 *
 * @throws BelfryError `invalid_input` for a password that is too short or too long, `not_found` when
 * the address has no account.
 */
export async function setPassword(account: { email: string; password: string }): Promise<void> {
  const { password } = parse(z.object({ password: passwordSchema }), account);
  const { count } = await db.user.updateMany({
    where: { email: account.email.trim().toLowerCase() },
    data: { passwordHash: await hashPassword(password), sessionVersion: { increment: 1 } },
  });
  if (count === 0) throw noAccount(account.email);
}

/** The role of a row. Anything but `ADMIN` is an ordinary user. */
export function asRole(stored: string): Role {
  return stored === 'ADMIN' ? 'ADMIN' : 'USER';
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalidInput(parsed.error, parsed.error.issues.map(({ message }) => message).join(' '));
}

function noAccount(email: string): BelfryError {
  return new BelfryError('not_found', `${email} has no account. Check the spelling.`);
}

function isUniqueViolation(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'P2002';
}
