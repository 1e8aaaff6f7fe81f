/** Passwords, kept as argon2id. Nothing else in the app sees a hash. */
import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { BelfryError } from '../errors.ts';
import { processSingleton } from '../process-singleton.ts';

// OWASP's first choice for argon2id, the library's default algorithm: 19 MiB, two passes, one lane.
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

// Hashing runs on Node's four worker threads, which also read files and resolve names: leave two.
const HASHES_AT_ONCE = 2;
// At about 20 ms each, the last in the line waits about a second.
const LONGEST_LINE = 100;

/** Stands where a hash would, for an account that no password opens. */
export const NO_PASSWORD = '!';

/**
 * The argon2id hash of a password, in PHC form with its salt and cost. Two calls never give the same.
 *
 * @throws BelfryError `too_many_requests` when more than a hundred are waiting already.
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

const line = processSingleton('password-line', () => ({ running: 0, waiting: [] as (() => void)[] }));

/**
 * Runs `work` when it is its turn: two at a time, the others in the order in which they came.
 *
 * @throws BelfryError `too_many_requests` when a hundred are waiting already; else whatever `work` throws.
 */
export async function inPasswordTurn<T>(work: () => Promise<T>): Promise<T> {
  if (line.running >= HASHES_AT_ONCE) {
    if (line.waiting.length >= LONGEST_LINE) {
      throw new BelfryError(
        'too_many_requests',
        'Too many people are signing in at once. Try again in a moment.',
        {
          retryAfterSeconds: 2,
        },
      );
    }
    // Whoever leaves hands over the place without giving it up, so nobody can slip in between.
    await new Promise<void>((resolve) => line.waiting.push(resolve));
  } else {
    line.running += 1;
  }
  try {
    return await work();
  } finally {
    const next = line.waiting.shift();
    if (next) next();
    else line.running -= 1;
  }
}
