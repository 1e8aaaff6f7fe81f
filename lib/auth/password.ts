/** Passwords, kept as argon2id. Nothing else in the app sees a hash. */
import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { processSingleton } from '../config/process-singleton.ts';
import { FairLine } from './fair-line.ts';

// OWASP's first choice for argon2id, the library's default algorithm: 19 MiB, two passes, one lane.
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

// Hashing runs on Node's four worker threads, which also read files and resolve names: leave two.
const HASHES_AT_ONCE = 2;
// At about 20 ms each, the last in the line waits about three seconds.
const LONGEST_LINE = 300;
// A whole office behind one address may come at nine.
const LONGEST_LINE_FOR_ONE = 50;

/** Stands where a hash would, for an account that no password opens. */
export const NO_PASSWORD = '!';

/**
 * The argon2id hash of a password, in PHC form with its salt and cost. Two calls never give the same.
 *
 * @throws BelfryError `too_many_requests` when too many are waiting already.
 */
export function hashPassword(password: string): Promise<string> {
  return inPasswordTurn(() => hash(normalise(password), COST));
}

/**
 * Whether `password` made `passwordHash`. Without a hash (there is no such account, or no password opens it)
 * the answer is false after the same work, so that the time it takes does not tell who has an account.
 *
 * Call it inside `inPasswordTurn`.
 */
export async function verifyPassword(passwordHash: string | null, password: string): Promise<boolean> {
  // Made for both cases: the first call of a process takes longer, whoever is asked for.
  const nobodysHash = await processSingleton('nobodys-password-hash', () =>
    hash(randomBytes(32).toString('base64url'), COST),
  );
  const isHash = passwordHash?.startsWith('$') ?? false;
  const matches = await verify(isHash && passwordHash ? passwordHash : nobodysHash, normalise(password));
  return isHash && matches;
}

// One keyboard sends é as one code point, another as two.
function normalise(password: string): string {
  return password.normalize('NFKC');
}

const line = processSingleton(
  'password-line',
  () => new FairLine({ atOnce: HASHES_AT_ONCE, longestForOne: LONGEST_LINE_FOR_ONE, longest: LONGEST_LINE }),
);

/**
 * Runs `work`, which hashes a password, when it is its turn.
 *
 * @param client Whose turn it takes; see `FairLine.run`, which also says what is thrown. Default: the app's own.
 */
export function inPasswordTurn<T>(work: () => Promise<T>, client = 'app'): Promise<T> {
  return line.run(client, work);
}
