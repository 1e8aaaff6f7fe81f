import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SignInLimiter, type SignInTry } from '../../lib/auth/sign-in-limit.ts';
import { RateLimiter } from '../../lib/rate-limit.ts';

const MINUTE_MS = 60_000;
const ada: SignInTry = { email: 'ada@example.com', address: '192.0.2.1', knownBrowserId: null };

let limiter: SignInLimiter;
beforeEach(() => {
  vi.useFakeTimers();
  limiter = new SignInLimiter(
    new RateLimiter({ name: 'account', points: 3, seconds: 900 }),
    new RateLimiter({ name: 'address', points: 5, seconds: 900 }),
  );
});
afterEach(() => {
  vi.useRealTimers();
});

async function fail(times: number, how: Partial<SignInTry> = {}): Promise<void> {
  for (let n = 0; n < times; n += 1) await limiter.failed({ ...ada, ...how });
}

const admitted = (how: Partial<SignInTry> = {}) =>
  expect(limiter.refuseExhausted({ ...ada, ...how })).resolves;
const refused = (how: Partial<SignInTry> = {}) => expect(limiter.refuseExhausted({ ...ada, ...how })).rejects;
const elsewhere = { address: '198.51.100.7' };

test('after the last free try an account is refused from every address, with the time to wait', async () => {
  await fail(2);
  await admitted().toBeUndefined();
  await fail(1);
  vi.advanceTimersByTime(5 * MINUTE_MS);
  await refused(elsewhere).toMatchObject({
    code: 'too_many_requests',
    retryAfterSeconds: 600,
    message: expect.stringContaining('Wait 10 minutes'),
  });
  await admitted({ email: 'ben@example.com', ...elsewhere }).toBeUndefined();
});

test('nobody is locked out for ever: 15 minutes after the first wrong try there are tries again', async () => {
  await fail(3);
  for (let minute = 0; minute < 14; minute += 1) {
    vi.advanceTimersByTime(MINUTE_MS);
    await refused().toMatchObject({ code: 'too_many_requests' });
  }
  vi.advanceTimersByTime(MINUTE_MS);
  await admitted().toBeUndefined();
});

test('a right password gives the account all its tries back', async () => {
  await fail(2);
  await limiter.succeeded(ada);
  await fail(2);
  await admitted().toBeUndefined();
});

test('signing in is never counted, however often', async () => {
  for (let n = 0; n < 100; n += 1) {
    await limiter.refuseExhausted(ada);
    await limiter.succeeded(ada);
  }
  await admitted().toBeUndefined();
});

test('one address cannot go through many accounts', async () => {
  for (let n = 0; n < 5; n += 1) await fail(1, { email: `user${n}@example.com` });
  await refused({ email: 'user6@example.com' }).toMatchObject({ code: 'too_many_requests' });
  await admitted({ email: 'user6@example.com', ...elsewhere }).toBeUndefined();
});

test("signing in to an account of one's own does not clear the count of one's address", async () => {
  for (let n = 0; n < 5; n += 1) {
    await fail(1, { email: `user${n}@example.com` });
    await limiter.succeeded({ ...ada, email: 'own@example.com' });
  }
  await refused({ email: 'own@example.com' }).toMatchObject({ code: 'too_many_requests' });
});

test('a stranger who keeps guessing does not keep the owner out of a browser they signed in with', async () => {
  await fail(3);
  await fail(2, { email: 'b@example.com' });
  await refused().toMatchObject({ code: 'too_many_requests' });
  await admitted({ knownBrowserId: 'laptop' }).toBeUndefined();
});

test('a known browser has no more tries than a stranger', async () => {
  await fail(3, { knownBrowserId: 'laptop' });
  await refused({ knownBrowserId: 'laptop' }).toMatchObject({ code: 'too_many_requests' });
});
