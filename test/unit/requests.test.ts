import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createRequests, type InboxRequests, type SiteVersion } from '@/lib/belfry/client/requests.ts';
import { translate } from '../support/english.ts';

const PAGE = { notifications: [] };
let answers: Response[];
let asked: number;
let localeQueryLanguage: number;
let sent: [string, RequestInit][];
let requests: InboxRequests;
const fetchPage = (cursor: string | null) => requests.poll(cursor);
const noted: unknown[] = [];
const version: SiteVersion = {
  note: (told) => noted.push(told),
  isOther: () => false,
  ask: async () => false,
};
const OURS = { userKey: '7-a', version, locale: 'zh-TW', translate };
// Behind all that they are asked for.
const ASKED_IN = /[?&]locale=zh-TW&timeZone=[^&]+$/;

beforeEach(() => {
  // What it was refused, it remembers.
  requests = createRequests(OURS);
  vi.useFakeTimers();
  asked = 0;
  localeQueryLanguage = 0;
  answers = [];
  sent = [];
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    sent.push([path.replace(ASKED_IN, ''), init]);
    if (ASKED_IN.test(path)) localeQueryLanguage += 1;
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
  expect(await errorOf(fetchPage('7.7'))).toBe(first);
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

test('each request says whose page it is from, how somebody reads, and what it asks for', async () => {
  await requests.poll('9');
  await requests.poll('9-8', {
    filter: { view: 'done', category: 'billing', priorities: ['HIGH', 'CRITICAL'], q: 'a & b' },
    limit: 20,
  });
  await requests.poll(null, { filter: { view: 'inbox', group: 'CommentAdded/post 7' }, limit: 100 });
  await requests.changes('h.3.1');
  await requests.change({ kind: 'clear', throughId: 12 });
  await requests.change({ kind: 'dismiss', group: 'g', throughId: 12 });
  await requests.change({ kind: 'snooze', ids: [3], until: '2030-01-01T00:00:00.000Z' });
  await requests.undo('token');
  expect(sent.map(([path, { method, body }]) => [method, path, body])).toEqual([
    ['GET', '/notifications/poll?cursor=9', undefined],
    [
      'GET',
      '/notifications/poll?cursor=9-8&limit=20&view=done&category=billing&priority=HIGH%2CCRITICAL&q=a+%26+b',
      undefined,
    ],
    ['GET', '/notifications/poll?limit=100&view=inbox&group=CommentAdded%2Fpost+7', undefined],
    ['GET', '/notifications/changes?since=h.3.1', undefined],
    ['POST', '/notifications/clear', '{"throughId":12}'],
    ['POST', '/notifications/dismiss', '{"group":"g","throughId":12}'],
    ['POST', '/notifications/snooze', '{"ids":[3],"until":"2030-01-01T00:00:00.000Z"}'],
    ['POST', '/notifications/undo', '{"undo":"token"}'],
  ]);
  for (const [, { headers }] of sent) expect(new Headers(headers).get('X-Belfry-User')).toBe('7-a');
  expect(localeQueryLanguage).toBe(asked);
});

test('where the app has a base path, every request begins with it', async () => {
  requests = createRequests({ ...OURS, basePath: '/app' });
  await requests.poll(null);
  await requests.changes('h.3.1');
  await requests.change({ kind: 'dismiss', ids: [3] });
  await requests.undo('token');
  await requests.change({ kind: 'act', id: 3, action: 'approve' });
  expect(sent.map(([path]) => path)).toEqual([
    '/app/notifications/poll',
    '/app/notifications/changes?since=h.3.1',
    '/app/notifications/dismiss',
    '/app/notifications/undo',
    '/app/notifications/act',
  ]);
});
