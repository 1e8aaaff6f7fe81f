/** The provider and its hooks, in an app that has nothing else of Belfry's: who is signed in, and where the app lives. */
import { expect, type Page, type Request, test } from '@playwright/test';
import type { Language } from '../lib/belfry/language/translate.ts';
import { english } from '../test/support/english.ts';
import { itemOf } from '../test/support/items.ts';
import { bundle, inLanguage } from './bundle.ts';

const SITE = 'http://app.test';
const START = new Date().toISOString();
const TOTALS = { unread: 1, inbox: 1, done: 0, snoozed: 0 };
const SUMMARY = { state: 'h.1.0', totals: TOTALS, unreadTotal: 1, readAt: START, nextExpiresAt: null };

let script: string;

test.beforeAll(async () => {
  ({ script } = await bundle('provider-page.tsx'));
});

/** Opens the page. What it asks the server for, it asks as some user, whom the answers name. */
async function openPage(page: Page): Promise<{ asked: () => string[] }> {
  const requests: Request[] = [];
  await page.route(`${SITE}/**`, async (route) => {
    const request = route.request();
    const { pathname, searchParams } = new URL(request.url());
    if (pathname === '/') return route.fulfill({ contentType: 'text/html', body: '<!doctype html><body>' });
    requests.push(request);
    const user = request.headers()['x-belfry-user'] ?? searchParams.get('user') ?? 'nobody';
    const notifications = [itemOf(1, { title: `For ${user}` })];
    if (!pathname.includes('/sse/'))
      return route.fulfill({ json: { ...SUMMARY, notifications, pinned: [], nextCursor: null } });
    const frames = [
      ['inbox', { ...SUMMARY, kind: 'snapshot', count: 1, pinned: [], nextCursor: null }],
      ['SystemNotification', notifications[0]],
      ['Tick', { id: null, payload: {} }],
    ].map(([eventType, data]) => `event: ${eventType}\ndata: ${JSON.stringify(data)}\n\n`);
    return route.fulfill({ contentType: 'text/event-stream', body: frames.join('') });
  });
  await page.goto(SITE);
  await page.addScriptTag({ content: `${inLanguage(english)}${script}` });
  return {
    asked: () => requests.map((request) => `${request.method()} ${request.url().slice(SITE.length)}`),
  };
}

test('with null nobody is signed in, and nothing is fetched', async ({ page }) => {
  const { asked } = await openPage(page);
  await page.evaluate(() => window.show({ userKey: null }));
  await expect(page.getByText('error, signed-out')).toBeVisible();
  await expect(page.getByText('done: error, 0')).toBeVisible();
  await page.getByRole('button', { name: 'Dismiss' }).click();
  await expect(page.getByRole('status')).toHaveText('Sign in to change your notifications.');
  expect(asked()).toEqual([]);
});

test('a promise is taken when it resolves, and until then the page is there', async ({ page }) => {
  const { asked } = await openPage(page);
  await page.evaluate(() => {
    const userKey = new Promise<string>((resolve) =>
      document.addEventListener('known', () => resolve('7-ada')),
    );
    window.show({ userKey });
  });
  await expect(page.getByText('loading, connecting')).toBeVisible();
  await page.getByLabel('Draft').fill('typed meanwhile');
  expect(asked()).toEqual([]);
  await page.evaluate(() => document.dispatchEvent(new Event('known')));
  await expect(page.getByText('For 7-ada')).toBeVisible();
  await expect(page.getByLabel('Draft')).toHaveValue('typed meanwhile');

  // As a layout does that is drawn again.
  await page.evaluate(() => window.show({ userKey: Promise.resolve('7-ada') }));
  await expect(page.getByText('For 7-ada')).toBeVisible();
  await expect(page.getByLabel('Draft')).toHaveValue('typed meanwhile');
});

test('a language may be a promise too: until it resolves the page is there, and nothing is asked for', async ({
  page,
}) => {
  const { asked } = await openPage(page);
  await page.evaluate(() => {
    const language = new Promise<Language>((resolve) =>
      document.addEventListener('known', () => resolve(window.language)),
    );
    window.show({ userKey: '7-ada', language });
  });
  await expect(page.getByText('loading, connecting')).toBeVisible();
  await expect(page.getByText('done: loading, 0')).toBeVisible();
  await page.getByLabel('Draft').fill('typed meanwhile');
  expect(asked()).toEqual([]);
  await page.evaluate(() => document.dispatchEvent(new Event('known')));
  await expect(page.getByText('For 7-ada')).toBeVisible();
  await expect(page.getByText('done: ready, 1')).toBeVisible();
  await expect(page.getByLabel('Draft')).toHaveValue('typed meanwhile');

  // As a layout does that is drawn again.
  await page.evaluate(() => window.show({ userKey: '7-ada', language: Promise.resolve(window.language) }));
  await expect(page.getByText('done: ready, 1')).toBeVisible();
  await expect(page.getByLabel('Draft')).toHaveValue('typed meanwhile');
});

test('a promise that fails, or resolves to null, has named nobody', async ({ page }) => {
  await openPage(page);
  await page.evaluate(() => window.show({ userKey: Promise.resolve(null) }));
  await expect(page.getByText('error, signed-out')).toBeVisible();
  await page.evaluate(() => window.show({ userKey: Promise.reject(new Error('No session.')) }));
  await expect(page.getByText('error, signed-out')).toBeVisible();
});

test('another user begins with nothing of the last one', async ({ page }) => {
  await openPage(page);
  await page.evaluate(() => window.show({ userKey: '7-ada' }));
  await expect(page.getByText('For 7-ada')).toBeVisible();
  await page.getByLabel('Draft').fill('of Ada');
  await page.evaluate(() => window.show({ userKey: '8-ben' }));
  await expect(page.getByText('For 8-ben')).toBeVisible();
  await expect(page.getByText('For 7-ada')).toBeHidden();
  await expect(page.getByLabel('Draft')).toHaveValue('');
  await page.getByLabel('Draft').fill('of Ben');
  await page.evaluate(() => window.show({ userKey: Promise.resolve(null) }));
  await expect(page.getByText('error, signed-out')).toBeVisible();
  await expect(page.getByLabel('Draft')).toHaveValue('');
});

test('every request and the stream begin with the base path', async ({ page }) => {
  const { asked } = await openPage(page);
  await page.evaluate(() =>
    window.show({ userKey: '7-ada', basePath: '/app', eventTypes: ['SystemNotification', 'Tick'] }),
  );
  await expect(page.getByText('For 7-ada')).toBeVisible();
  await expect(page.getByText(/heard [1-9]/)).toBeVisible();
  await page.getByRole('button', { name: 'Dismiss' }).click();
  await expect
    .poll(asked)
    .toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^GET \/app\/sse\/SystemNotification,Tick\?user=7-ada/),
        expect.stringMatching(/^GET \/app\/notifications\/poll\?limit=50&view=done&locale=en-GB&/),
        expect.stringMatching(/^POST \/app\/notifications\/dismiss\?/),
      ]),
    );
  expect(asked().filter((path) => !/^(GET|POST) \/app\//.test(path))).toEqual([]);
});
