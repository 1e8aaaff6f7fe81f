import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SignInLimiter, type SignInTry } from '../../lib/auth/sign-in-limit.ts';
import { RateLimiter } from '../../lib/http/rate-limit.ts';

const MINUTE_MS = 60_000;
const ada: SignInTry = {
  email: 'ada@example.com',
  address: '192.0.2.1',
  knownBrowserId: null,
  isKnownNetwork: async () => false,
};
const knownNetwork = { isKnownNetwork: async () => true };
const elsewhere = { address: '198.51.100.7' };

let limiter: SignInLimiter;
beforeEach(() => {
  vi.useFakeTimers();
  limiter = new SignInLimiter({
    wrongPerAccount: new RateLimiter({ name: 'account', points: 3, seconds: 900 }),
    wrongPerNetwork: new RateLimiter({ name: 'network', points: 5, seconds: 900 }),
    rightPerAccount: new RateLimiter({ name: 'right', points: 20, seconds: 60 }),
  });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Tries with a wrong password, as long as it is let. Gives how often it was. */
async function guess(times: number, how: Partial<SignInTry> = {}): Promise<number> {
  for (let done = 0; done < times; done += 1) {
    const admission = await limiter.admit({ ...ada, ...how }).catch(() => null);
    if (!admission) return done;
    await limiter.failed(admission);
  }
  return times;
}

async function signIn(how: Partial<SignInTry> = {}): Promise<void> {
  await limiter.succeeded(await limiter.admit({ ...ada, ...how }));
}

const admitted = (how: Partial<SignInTry> = {}) =>
  expect(limiter.admit({ ...ada, ...how })).resolves.toBeDefined();
const refused = (how: Partial<SignInTry> = {}) => expect(limiter.admit({ ...ada, ...how })).rejects;

test('after the last free try an account is refused from every address, with the time to wait', async () => {
  await guess(2);
  await admitted();
  await guess(1);
  vi.advanceTimersByTime(5 * MINUTE_MS);
  await refused(elsewhere).toMatchObject({
    code: 'too_many_requests',
    retryAfterSeconds: 600,
    message: expect.stringContaining('Wait 10 minutes'),
  });
  await admitted({ email: 'ben@example.com', ...elsewhere });
});

test('the try that uses up a limit says so, once in a window, however many come at once', async () => {
  const admissions = await Promise.all(Array.from({ length: 7 }, () => limiter.admit(ada)));
  const locks = (await Promise.all(admissions.map((admission) => limiter.failed(admission)))).flat();
  expect(locks).toEqual([
    { of: 'account', seconds: 900 },
    { of: 'network', seconds: 900 },
  ]);
  vi.advanceTimersByTime(15 * MINUTE_MS);
  expect(await limiter.failed(await limiter.admit(ada))).toEqual([]);
});

test('nobody is locked out for ever: 15 minutes after the first wrong try there are tries again', async () => {
  await guess(3);
  for (let minute = 0; minute < 14; minute += 1) {
    vi.advanceTimersByTime(MINUTE_MS);
    await refused().toMatchObject({ code: 'too_many_requests' });
  }
  vi.advanceTimersByTime(MINUTE_MS);
  await admitted();
});

test('a right password gives the account all its tries back', async () => {
  await guess(2);
  await signIn();
  expect(await guess(3)).toBe(3);
});

test('right passwords have a larger limit, by the minute, from everywhere together', async () => {
  for (let n = 0; n < 20; n += 1)
    await signIn({ address: `192.0.2.${n}`, knownBrowserId: n % 2 ? 'laptop' : null });
  await refused(elsewhere).toMatchObject({ code: 'too_many_requests', retryAfterSeconds: 60 });
  await refused({ knownBrowserId: 'laptop' }).toMatchObject({
    message: expect.stringContaining('Wait 60 s'),
  });
  await admitted({ email: 'ben@example.com' });
  vi.advanceTimersByTime(MINUTE_MS);
  await admitted();
});

test('one address cannot go through many accounts', async () => {
  for (let n = 0; n < 5; n += 1) await guess(1, { email: `user${n}@example.com` });
  await refused({ email: 'user6@example.com' }).toMatchObject({ code: 'too_many_requests' });
  await admitted({ email: 'user6@example.com', ...elsewhere });
});

test('the addresses of one IPv6 customer count as one, and those of another do not', async () => {
  for (let n = 0; n < 5; n += 1)
    await guess(1, { email: `user${n}@example.com`, address: `2001:db8:0:1:${n}::${n}` });
  await refused({ address: '2001:db8:0:1:ffff::1' }).toMatchObject({ code: 'too_many_requests' });
  await admitted({ address: '2001:db8:0:2::1' });
});

test("signing in to an account of one's own does not clear the count of one's address", async () => {
  for (let n = 0; n < 5; n += 1) {
    await signIn({ email: 'own@example.com' });
    await guess(1, { email: `user${n}@example.com` });
  }
  await refused({ email: 'own@example.com' }).toMatchObject({ code: 'too_many_requests' });
});

test('a stranger who keeps guessing does not keep the owner out of a browser they signed in with', async () => {
  await guess(3);
  await guess(2, { email: 'b@example.com' });
  await refused().toMatchObject({ code: 'too_many_requests' });
  await admitted({ knownBrowserId: 'laptop' });
});

test('a known browser has no more tries than a stranger', async () => {
  expect(await guess(9, { knownBrowserId: 'laptop' })).toBe(3);
  await refused({ knownBrowserId: 'laptop', ...knownNetwork }).toMatchObject({ code: 'too_many_requests' });
});

test('nor does the stranger keep the owner out of a place where they signed in, with whichever browser', async () => {
  expect(await guess(9)).toBe(3);
  await refused(elsewhere).toMatchObject({ code: 'too_many_requests' });
  await admitted({ ...elsewhere, ...knownNetwork });
  await signIn({ ...elsewhere, ...knownNetwork });
});

test('nor by using up the tries of their address with other accounts', async () => {
  for (let n = 0; n < 5; n += 1) await guess(1, { email: `user${n}@example.com` });
  await refused().toMatchObject({ code: 'too_many_requests' });
  await admitted(knownNetwork);
});

test('who guesses from a place of the owner has so many guesses more, and not one again', async () => {
  expect(await guess(9, knownNetwork)).toBe(3 + 3);
  await refused(knownNetwork).toMatchObject({ code: 'too_many_requests' });
  // Another place of the owner, and their own browser, are untouched by it.
  await admitted({ ...elsewhere, ...knownNetwork });
  await admitted({ knownBrowserId: 'laptop' });
});

test('nobody is asked for places as long as there are free tries', async () => {
  const isKnownNetwork = vi.fn(async () => true);
  await guess(3, { isKnownNetwork });
  await admitted({ knownBrowserId: 'laptop', isKnownNetwork });
  expect(isKnownNetwork).not.toHaveBeenCalled();
  await admitted({ isKnownNetwork });
  expect(isKnownNetwork).toHaveBeenCalledOnce();
});

test.each([180, -180, 1_440, -1_440])(
  'a clock that is set by %i minutes keeps nobody out for longer than the window',
  async (jump) => {
    await guess(3);
    vi.advanceTimersByTime(MINUTE_MS);
    vi.setSystemTime(Date.now() + jump * MINUTE_MS);
    const refusal = await limiter.admit(ada).catch((error: unknown) => error);
    // A clock that is ahead ends the window, as if so much time had passed.
    if (jump < 0) expect(refusal).toMatchObject({ retryAfterSeconds: 900 });
    vi.advanceTimersByTime(15 * MINUTE_MS);
    await admitted();
  },
);
