/** Somebody with many connections at the sign-in, with a right password and with wrong ones; and a person who wants in. */
import { setTimeout as sleep } from 'node:timers/promises';
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

export const signInCrowd: Fault = {
  name: 'sign-in-crowd',
  breaks: `${CONNECTIONS} connections sign in with one right password, or guess, or use up an account's tries; with and without a proxy that tells addresses`,
  bound: `a person at another address signs in within ${LONGEST_SIGN_IN_MS / 1_000} s and is never refused; the owner of the account gets in with a known browser, and from a known address`,
  runs: 'alone',
  limitSeconds: { short: 90, full: 90 },
  dependsOnStreamPath: false,
  take,
};

async function take(): Promise<Finding> {
  const verdict = new Verdict();
  const behindProxy = await startServer({ env: { TRUSTED_PROXIES: '127.0.0.1' } });
  const slowest: number[] = [];
  try {
    const { url, databaseUrl } = behindProxy;
    const right = () => new Visitor(url, CROWD).signIn(ADA, DEMO_PASSWORD);
    slowest.push(await signInBeside(right, () => new Visitor(url, HOME), 'a right password', verdict));
    const guess = (n: number) => new Visitor(url, CROWD).signIn(`somebody${n}@example.com`, 'a guess');
    slowest.push(await signInBeside(guess, () => new Visitor(url, HOME), 'guesses', verdict));
    await hammerOneAccount(url, verdict);

    // Now all have the address of a proxy that is not trusted.
    await behindProxy.stop();
    const bare = await startServer({ databaseUrl });
    try {
      const known = new Visitor(bare.url);
      verdict.expect(await known.signIn(BEN, DEMO_PASSWORD), 'Before the crowd nobody could sign in.');
      const guessAtBare = (n: number) => new Visitor(bare.url).signIn(`somebody${n}@example.com`, 'a guess');
      slowest.push(await signInBeside(guessAtBare, () => known, 'guesses from the same address', verdict));
    } finally {
      await bare.remove();
    }
    return verdict.finding(`slowest sign-in ${largest(slowest).toFixed(0)} ms`);
  } finally {
    await behindProxy.remove();
  }
}

/** Has a person sign in while all connections are at it. Gives the longest time that it took. */
async function signInBeside(
  tryOnce: (n: number) => Promise<boolean>,
  person: () => Visitor,
  what: string,
  verdict: Verdict,
): Promise<number> {
  let isOver = false;
  const crowd = inParallel(range(CONNECTIONS), CONNECTIONS, async (n) => {
    while (!isOver) await tryOnce(n);
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
  readonly #cookies = new Map<string, string>();

  constructor(url: string, address?: string) {
    this.#url = url;
    this.address = address;
  }

  /** Whether these credentials let it in. */
  async signIn(email: string, password: string): Promise<boolean> {
    const csrf = await this.#fetch('/api/auth/csrf');
    const { csrfToken } = (await csrf.json()) as { csrfToken: string };
    const body = new URLSearchParams({ csrfToken, email, password, json: 'true' });
    const answer = await this.#fetch('/api/auth/callback/credentials', { method: 'POST', body });
    await answer.arrayBuffer();
    return answer.ok;
  }

  async #fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers({ Origin: this.#url });
    headers.set('Cookie', [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; '));
    if (this.address !== undefined) headers.set('X-Forwarded-For', this.address);
    const response = await fetch(`${this.#url}${path}`, { ...init, redirect: 'manual', headers });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]*)=([^;]*)/.exec(cookie) ?? [];
      this.#cookies.set(name, value);
    }
    return response;
  }
}
