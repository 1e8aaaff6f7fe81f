/** Somebody with many connections at the sign-in, with a right password and with wrong ones; and a person who wants in. */
import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, type App, toApp } from '../faults/belfry.ts';
import { type Fault, type Finding, largest, Verdict } from '../faults/fault.ts';
import { inParallel, range } from '../faults/waiting.ts';
import { DEMO_PASSWORD, startServer } from '../support/server.ts';

const CONNECTIONS = 150;
const CROWD_MS = 1_000;
const TRIES_OF_THE_PERSON = 3;
const LONGEST_SIGN_IN_MS = 5_000;
// More than an account has tries.
const GUESSES_AT_ONE_ACCOUNT = 15;
const [CROWD, HOME, ELSEWHERE] = ['203.0.113.9', '198.51.100.1', '192.0.2.7'];
const [ADMIN, ADA, BEN] = ['admin@belfry.test', 'ada@belfry.test', 'ben@belfry.test'];

const RIGHT = (): [string, string] => [ADA, DEMO_PASSWORD];
const GUESS = (n: number): [string, string] => [`somebody${n}@example.com`, 'a guess'];

// A connection for each of them, and some for the person.
const AGENT = new Agent({ keepAlive: true, maxSockets: CONNECTIONS + 10 });

export const signInCrowd: Fault = {
  name: 'sign-in-crowd',
  breaks: `${CONNECTIONS} connections sign in with one right password, or guess, or use up an account's tries; with and without a proxy that tells addresses`,
  bound: `a person at another address signs in within ${LONGEST_SIGN_IN_MS / 1_000} s and is never refused; the owner of the account gets in with a known browser, and from a known address`,
  runs: 'alone',
  limitSeconds: { short: 180, full: 180 },
  dependsOnStreamPath: false,
  take,
};

async function take(): Promise<Finding> {
  const verdict = new Verdict();
  const behindProxy = await startServer({ env: { TRUSTED_PROXIES: '127.0.0.1' } });
  const slowest: number[] = [];
  try {
    const { url, databaseUrl } = behindProxy;
    const stranger = () => new Visitor(url, CROWD);
    const anybody = () => new Visitor(url, HOME);
    slowest.push(await signInBeside(stranger, RIGHT, anybody, 'a right password', verdict));
    slowest.push(await signInBeside(stranger, GUESS, anybody, 'guesses', verdict));
    await hammerOneAccount(url, verdict);

    // Now all have the address of a proxy that is not trusted.
    await behindProxy.stop();
    const bare = await startServer({ databaseUrl });
    try {
      const known = new Visitor(bare.url);
      verdict.expect(await known.signIn(BEN, DEMO_PASSWORD), 'Before the crowd nobody could sign in.');
      const neighbour = () => new Visitor(bare.url);
      slowest.push(await signInBeside(neighbour, GUESS, () => known, 'guesses from its address', verdict));
    } finally {
      await bare.remove();
    }
    return verdict.finding(`slowest sign-in ${largest(slowest).toFixed(0)} ms`);
  } finally {
    AGENT.destroy();
    await behindProxy.remove();
  }
}

/** Has a person sign in while all connections are at it. Gives the longest time that it took. */
async function signInBeside(
  stranger: () => Visitor,
  credentials: (n: number) => [string, string],
  person: () => Visitor,
  what: string,
  verdict: Verdict,
): Promise<number> {
  let isOver = false;
  const crowd = inParallel(range(CONNECTIONS), CONNECTIONS, async (n) => {
    const one = stranger();
    while (!isOver) await one.tryOnce(...credentials(n));
  });
  try {
    await sleep(CROWD_MS);
    const times: number[] = [];
    for (let n = 0; n < TRIES_OF_THE_PERSON; n += 1) {
      const since = performance.now();
      verdict.expect(await person().signIn(BEN, DEMO_PASSWORD), `Beside ${what} a person was refused.`);
      times.push(performance.now() - since);
    }
    const longest = largest(times);
    verdict.expectWithin(
      longest < LONGEST_SIGN_IN_MS,
      `Beside ${what} a sign-in took ${longest.toFixed(0)} ms.`,
    );
    return longest;
  } finally {
    isOver = true;
    await crowd;
  }
}

async function hammerOneAccount(url: string, verdict: Verdict): Promise<void> {
  const owner = new Visitor(url, HOME);
  await owner.signIn(ADMIN, DEMO_PASSWORD);
  // From many addresses: none of them runs out of tries by itself.
  for (const n of range(GUESSES_AT_ONE_ACCOUNT))
    await new Visitor(url, `203.0.113.${n}`).signIn(ADMIN, 'a guess');
  const isOpen = (visitor: Visitor) => visitor.signIn(ADMIN, DEMO_PASSWORD);
  verdict.expect(!(await isOpen(new Visitor(url, ELSEWHERE))), 'An account can be guessed at without end.');
  verdict.expect(await isOpen(new Visitor(url, HOME)), 'The owner is kept out at a known address.');
  owner.address = ELSEWHERE;
  verdict.expect(await isOpen(owner), 'The owner is kept out with a known browser.');
}

/** A browser at an address. */
class Visitor {
  address: string | undefined;
  readonly #url: string;
  readonly #ask: App['ask'];
  readonly #cookies = new Map<string, string>();
  #csrfToken: string | null = null;

  constructor(url: string, address?: string) {
    this.#url = url;
    this.#ask = toApp({ url, databaseUrl: '', agent: AGENT }).ask;
    this.address = address;
  }

  /** Whether these credentials let it in. */
  async signIn(email: string, password: string): Promise<boolean> {
    const answer = await this.#send(email, password);
    this.#keepCookies(answer);
    return answer.status === 200;
  }

  /** The same again and again, as a browser that has never been here. */
  async tryOnce(email: string, password: string): Promise<void> {
    await this.#send(email, password);
  }

  async #send(email: string, password: string): Promise<Answer> {
    if (this.#csrfToken === null) {
      const csrf = await this.#ask('/api/auth/csrf', { headers: this.#headers() });
      this.#keepCookies(csrf);
      this.#csrfToken = (JSON.parse(csrf.text) as { csrfToken: string }).csrfToken;
    }
    const fields = { csrfToken: this.#csrfToken, email, password, json: 'true' };
    return this.#ask('/api/auth/callback/credentials', {
      method: 'POST',
      headers: { ...this.#headers(), 'Content-Type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(fields).toString(),
    });
  }

  #headers(): Record<string, string> {
    return {
      Origin: this.#url,
      Cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      ...(this.address === undefined ? {} : { 'X-Forwarded-For': this.address }),
    };
  }

  #keepCookies({ headers }: Answer): void {
    for (const cookie of headers['set-cookie'] ?? []) {
      const [, name = '', value = ''] = /^([^=]*)=([^;]*)/.exec(cookie) ?? [];
      this.#cookies.set(name, value);
    }
  }
}
