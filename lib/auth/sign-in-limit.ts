/**
 * How many wrong passwords somebody may try.
 *
 * Guesses are counted for the account and for the client's address, in windows of 15 minutes that
 * start with the first wrong try. Refused tries do not lengthen a window, and a right password ends
 * the account's.
 *
 * The trade-off: a limit on the account is the only one that a guesser with many addresses cannot get
 * round, yet it lets a stranger who keeps guessing keep the owner out. So a browser that has signed in to
 * the account before is *known* (see known-browser.ts) and has a count of its own, which no stranger can
 * use up; and who is signed in stays signed in. What is left: an owner under attack who comes with a new
 * browser has to wait for a free try. Instances that share a Redis count together; otherwise the counts are
 * in memory, and a restart forgets them.
 */
import { BelfryError } from '../errors.ts';
import { processSingleton } from '../process-singleton.ts';
import { RateLimiter } from '../rate-limit.ts';
import { sharedRedis } from '../redis.ts';

const WINDOW_SECONDS = 15 * 60;
export const TRIES_PER_ACCOUNT = 10;
// Offices and mobile networks put many people behind one address.
export const TRIES_PER_ADDRESS = 50;

export interface SignInTry {
  /** As stored: trimmed, in lower case. */
  email: string;
  /** From `clientAddress`. */
  address: string;
  /** The id of a browser that has signed in to this account before; null for any other. */
  knownBrowserId: string | null;
}

export class SignInLimiter {
  readonly #accounts: RateLimiter;
  readonly #addresses: RateLimiter;

  constructor(accounts: RateLimiter, addresses: RateLimiter) {
    this.#accounts = accounts;
    this.#addresses = addresses;
  }

  /**
   * Refuses a try when the account or the address has none left. A refused try is not counted.
   *
   * @throws BelfryError `too_many_requests` with `retryAfterSeconds`.
   */
  async refuseExhausted(tried: SignInTry): Promise<void> {
    const waits = [await waitMs(this.#accounts, accountKey(tried))];
    // A known browser has its own ten tries; whoever shares its address cannot use them up.
    if (tried.knownBrowserId === null) waits.push(await waitMs(this.#addresses, tried.address));
    const longest = Math.max(...waits);
    if (longest > 0) throw tooManyTries(longest);
  }

  /** The password was wrong. */
  async failed(tried: SignInTry): Promise<void> {
    await this.#accounts.penalize(accountKey(tried));
    if (tried.knownBrowserId === null) await this.#addresses.penalize(tried.address);
  }

  /**
   * The password was right: the account has all its tries again. Not the address, which an attacker
   * could then clear with an account of their own.
   */
  async succeeded(tried: SignInTry): Promise<void> {
    await this.#accounts.forget(accountKey(tried));
  }
}

function accountKey({ email, knownBrowserId }: SignInTry): string {
  return knownBrowserId === null ? `email:${email}` : `browser:${knownBrowserId}`;
}

async function waitMs(limiter: RateLimiter, key: string): Promise<number> {
  const state = await limiter.usage(key);
  return state && state.consumedPoints >= limiter.points ? Math.max(0, state.msBeforeNext) : 0;
}

export const signInLimiter = processSingleton(
  'sign-in-limiter',
  () =>
    new SignInLimiter(
      new RateLimiter(
        { name: 'sign-in-account', points: TRIES_PER_ACCOUNT, seconds: WINDOW_SECONDS },
        sharedRedis,
      ),
      new RateLimiter(
        { name: 'sign-in-address', points: TRIES_PER_ADDRESS, seconds: WINDOW_SECONDS },
        sharedRedis,
      ),
    ),
);

function tooManyTries(waitMs: number): BelfryError {
  const retryAfterSeconds = Math.ceil(waitMs / 1000);
  return new BelfryError(
    'too_many_requests',
    `Too many failed tries to sign in. Wait ${Math.ceil(retryAfterSeconds / 60)} minutes, then try again.`,
    { retryAfterSeconds },
  );
}
