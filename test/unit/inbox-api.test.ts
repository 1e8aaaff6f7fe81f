import { afterEach, beforeEach, expect, test, vi } from 'vitest';

const PAGE = { notifications: [] };
let answers: Response[];
let asked: number;
let fetchPage: (cursor: number | null) => Promise<unknown>;
beforeEach(async () => {
  // What it was refused, it remembers.
  vi.resetModules();
  const api = await import('../../components/notifications/inbox-api.ts');
  fetchPage = (cursor) => api.fetchPage('1', cursor);
  vi.useFakeTimers();
  asked = 0;
  vi.stubGlobal('document', { documentElement: { dataset: {} } });
  vi.stubGlobal('fetch', async () => {
    asked += 1;
    return answers.shift() ?? Response.json(PAGE);
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const refusal = (status: number, headers: Record<string, string> = {}) =>
  Response.json({ error: { code: 'x', message: 'Wait 12 s, then try again.' } }, { status, headers });

const errorOf = (page: Promise<unknown>) => page.then(() => null).catch((error: unknown) => error);

test('after a 429 a page is not asked for again before the server wants it', async () => {
  answers = [refusal(429, { 'Retry-After': '12' })];
  const first = await errorOf(fetchPage(null));
  expect(first).toMatchObject({ status: 429, message: 'Wait 12 s, then try again.', retryAfterMs: 12_000 });
  vi.advanceTimersByTime(11_999);
  expect(await errorOf(fetchPage(7))).toBe(first);
  expect(asked).toBe(1);
  vi.advanceTimersByTime(1);
  expect(await fetchPage(null)).toEqual(PAGE);
  expect(asked).toBe(2);
});

test('other refusals are not waited for, and no wait is longer than two minutes', async () => {
  answers = [
    refusal(503, { 'Retry-After': '5' }),
    refusal(429, { 'Retry-After': 'Wed, 21 Oct 2026 07:28:00 GMT' }),
  ];
  await errorOf(fetchPage(null));
  await errorOf(fetchPage(null));
  answers = [refusal(429, { 'Retry-After': '86400' })];
  await errorOf(fetchPage(null));
  expect(asked).toBe(3);
  vi.advanceTimersByTime(120_000);
  expect(await fetchPage(null)).toEqual(PAGE);
});
