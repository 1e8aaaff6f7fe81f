/**
 * How often somebody may try to sign in.
 *
 * Wrong passwords are counted for the account and for the client's network, in windows of 15 minutes that
 * start with the first wrong try. Refused tries do not lengthen a window, and a right password ends the
 * account's. Right ones are counted too, by the minute: each costs the server as much as a wrong one.
 *
 * The trade-off: a limit on the account is the only one that a guesser with many addresses cannot get
 * round, yet it lets a stranger who keeps guessing keep the owner out. So there are two ways round it, each
 * with a count of wrong passwords of its own that the stranger cannot use up: a browser that has signed in to
 * the account before (see known-browser.ts), and a network from which somebody has. The second count is there
 * for all who share that network: a guesser behind the same router gets ten more guesses of it, and can close
 * that way again; the first one is the browser's alone. Who is signed in stays signed in. What is left: an
 * owner under attack who comes with a new browser from a new place has to wait for a free try.
 *
 * Instances that share a Redis count together; otherwise the counts are in memory, and a restart forgets them.
 */
import { BelfryError } from '../belfry/protocol/errors.ts';
import { processSingleton } from '../config/process-singleton.ts';
import { networkOf } from '../http/client-address.ts';
import { RateLimiter } from '../http/rate-limit.ts';
import { toMessage } from '../language/languages.ts';
import { sharedRedis } from '../redis/redis.ts';

const WRONG_WINDOW_SECONDS = 15 * 60;
const RIGHT_WINDOW_SECONDS = 60;
export const WRONG_PER_ACCOUNT = 10;
// Offices and mobile networks put many people behind one address.
export const WRONG_PER_NETWORK = 50;
// Far more than people do. At 20 ms of hashing each, a tenth of one core.
export const RIGHT_PER_ACCOUNT = 300;

export interface SignInTry {
  /** As stored: trimmed, in lower case. */
  email: string;
  /** From `clientAddress`. */
  address: string;
  /** The id of a browser that has signed in to this account before; null for any other. */
  knownBrowserId: string | null;
  /** Whether somebody has signed in to this account from that network before. Asked only where it matters. */
  isKnownNetwork: () => Promise<boolean>;
}

/** The way by which a try was admitted, and so what it counts for. */
export interface Admission {
  email: string;
  /** Whose wrong passwords are counted with it: the strangers' of an account, a browser's, a network's. */
  account: string;
  /** Null where the network does not count. */
  network: string | null;
}

/** What is closed from now on, and for how long. */
export interface Lock {
  of: 'account' | 'network';
  seconds: number;
}

export interface SignInCounters {
  wrongPerAccount: RateLimiter;
  wrongPerNetwork: RateLimiter;
  rightPerAccount: RateLimiter;
}

export class SignInLimiter {
  readonly #counters: SignInCounters;

  constructor(counters: SignInCounters) {
    this.#counters = counters;
  }

  /**
   * Admits a try, by the first way that is open to it. Nothing is counted yet.
   *
   * @throws BelfryError `too_many_requests` with `retryAfterSeconds`.
   */
  async admit(tried: SignInTry): Promise<Admission> {
    const { email, knownBrowserId } = tried;
    const tooManyRightMs = await waitMs(this.#counters.rightPerAccount, email);
    if (tooManyRightMs > 0) throw tooManyTries(tooManyRightMs);
    const network = networkOf(tried.address);
    const first: Admission =
      knownBrowserId === null
        ? { email, account: `email:${email}`, network }
        : // Whoever shares its address cannot use up its tries.
          { email, account: `browser:${knownBrowserId}`, network: null };
    const firstMs = await this.#waitMs(first);
    if (firstMs === 0) return first;
    if (knownBrowserId !== null || !(await tried.isKnownNetwork())) throw tooManyTries(firstMs);
    const second: Admission = { email, account: `network:${network} ${email}`, network: null };
    const secondMs = await this.#waitMs(second);
    if (secondMs === 0) return second;
    throw tooManyTries(Math.min(firstMs, secondMs));
  }

  /** The password was wrong. Returns what this try was the last one of. */
  async failed({ account, network }: Admission): Promise<Lock[]> {
    const ofAccount = await countOne(this.#counters.wrongPerAccount, account, 'account');
    const ofNetwork =
      network === null ? null : await countOne(this.#counters.wrongPerNetwork, network, 'network');
    return [ofAccount, ofNetwork].filter((lock) => lock !== null);
  }

  /**
   * The password was right: the account has all its tries again. Not the network, which an attacker
   * could then clear with an account of their own. Returns as `failed` does.
   */
  async succeeded({ email, account }: Admission): Promise<Lock[]> {
    const lock = await countOne(this.#counters.rightPerAccount, email, 'account');
    await this.#counters.wrongPerAccount.forget(account);
    return lock ? [lock] : [];
  }

  async #waitMs({ account, network }: Admission): Promise<number> {
    const accountMs = await waitMs(this.#counters.wrongPerAccount, account);
    const networkMs = network === null ? 0 : await waitMs(this.#counters.wrongPerNetwork, network);
    return Math.max(accountMs, networkMs);
  }
}

/** Says so when the key has none left, once in a window: of several tries at once, one is the last. */
async function countOne(limiter: RateLimiter, key: string, of: Lock['of']): Promise<Lock | null> {
  const { consumedPoints, msBeforeNext } = await limiter.penalize(key);
  return consumedPoints === limiter.points ? { of, seconds: Math.ceil(msBeforeNext / 1_000) } : null;
}

async function waitMs(limiter: RateLimiter, key: string): Promise<number> {
  const state = await limiter.usage(key);
  return state && state.consumedPoints >= limiter.points ? Math.max(0, state.msBeforeNext) : 0;
}

export const signInLimiter = processSingleton('sign-in-limiter', () => {
  const counter = (name: string, points: number, seconds: number) =>
    new RateLimiter({ name, points, seconds }, sharedRedis);
  return new SignInLimiter({
    wrongPerAccount: counter('sign-in-account', WRONG_PER_ACCOUNT, WRONG_WINDOW_SECONDS),
    wrongPerNetwork: counter('sign-in-address', WRONG_PER_NETWORK, WRONG_WINDOW_SECONDS),
    rightPerAccount: counter('sign-in-right', RIGHT_PER_ACCOUNT, RIGHT_WINDOW_SECONDS),
  });
});

function tooManyTries(waitMs: number): BelfryError {
  const retryAfterSeconds = Math.ceil(waitMs / 1000);
  const sentence =
    retryAfterSeconds <= 90
      ? toMessage('server.sign-in.tries-seconds', { seconds: retryAfterSeconds })
      : toMessage('server.sign-in.tries-minutes', { minutes: Math.ceil(retryAfterSeconds / 60) });
  return new BelfryError('too_many_requests', sentence, { retryAfterSeconds });
}
