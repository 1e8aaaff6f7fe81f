import type { Page } from '@playwright/test';
import { openDatabase } from '../lib/database/db.ts';
import { ADA, ADMIN, bell, expect, test } from './fixtures.ts';

// Every violation of the policy is an error of the page, which the fixtures do not let pass.

const NOT_A_PAGE = /Failed to load resource.*\b(403|404|500)\b/;

test('every page runs under the policy, also those that say no', async ({
  signIn,
  openBrowser,
  expectErrors,
}) => {
  expectErrors(NOT_A_PAGE);
  const visitor = await (await openBrowser()).newPage();
  for (const path of ['/', '/sign-in', '/nothing', '/_next/nothing']) {
    const answer = await visitor.goto(path);
    expect(answer?.headers()['content-security-policy']).not.toMatch(/script-src[^;]*'unsafe-/);
    await expect(visitor.getByRole('heading', { level: 1 })).toBeVisible();
    expect(await isAlive(visitor)).toBe(true);
  }

  const ada = await signIn(ADA);
  await ada.page.goto('/admin');
  await expect(ada.page.getByRole('heading', { name: 'This page is for administrators' })).toBeVisible();
  expect(await isAlive(ada.page)).toBe(true);
});

test('toasts, the panel and the admin form run under the policy', async ({ signIn, admin }) => {
  const ada = await signIn(ADA);
  await admin.sendTo(ADA, { title: 'With its styles', link: '/nothing' });
  const toast = ada.page.getByRole('status').filter({ hasText: 'With its styles' });
  await expect(toast).toBeVisible();
  await ada.page.getByRole('button', { name: /^Notifications/ }).click();
  await expect(bell(ada.page).panel.getByRole('button', { name: 'Dismiss' })).toBeVisible();

  const { page } = await signIn(ADMIN, { path: '/admin' });
  await page.getByLabel('Title').fill('Under the policy');
  await expect(page.getByLabel('Title')).toHaveValue('Under the policy');
});

test('pages that failed, and the page in place of the whole document, run under the policy', {
  tag: '@long',
}, async ({ signIn, server, expectErrors }) => {
  expectErrors(NOT_A_PAGE);
  expectErrors(/server-side exception|Server Components render|Minified React error/);
  const { page } = await signIn(ADMIN);
  const db = openDatabase(server.databaseUrl);
  for (const [table, heading] of [
    ['belfry_event', 'This page could not be shown'],
    ['user', 'Belfry is not answering properly'],
  ] as const) {
    await db.$executeRawUnsafe(`ALTER TABLE "${table}" RENAME TO "${table}_away"`);
    try {
      await page.goto('/admin');
      await expect(page.getByRole('heading', { name: heading })).toBeVisible();
      const answered = page.waitForResponse((response) => new URL(response.url()).pathname === '/admin');
      await page.getByRole('button', { name: 'Try again' }).click();
      await answered;
      await expect(page.getByRole('heading', { name: heading })).toBeVisible();
    } finally {
      await db.$executeRawUnsafe(`ALTER TABLE "${table}_away" RENAME TO "${table}"`);
    }
    await expect(async () => {
      const again = page.getByRole('button', { name: 'Try again' });
      if (await again.isVisible()) await again.click({ timeout: 1_000 });
      await expect(page.getByLabel('Title')).toBeVisible({ timeout: 2_000 });
    }).toPass();
  }
  await db.$disconnect();
});

test('a script that got into the page does not run', async ({ openBrowser, expectErrors }) => {
  expectErrors(/Content Security Policy|Hydration|hydration|Minified React error/);
  const page = await (await openBrowser()).newPage();
  // As if a hole in the server let markup of somebody else through.
  await page.route('**/sign-in', async (route) => {
    const answer = await route.fetch();
    const injected = `<script>window.injected = 'inline'</script>
      <script nonce="bm9uY2U=">window.injected = 'guessed nonce'</script>
      <script src="data:text/javascript,window.injected='data'"></script>
      <script src="/injected.js"></script>
      <img src="data:," onerror="window.injected = 'handler'">
      <a id="injected" href="javascript:window.injected='link'">x</a>
      <base href="https://evil.example/">`;
    await route.fulfill({
      response: answer,
      body: (await answer.text()).replace('</main>', `${injected}</main>`),
    });
  });
  await page.route('**/injected.js', (route) =>
    route.fulfill({ contentType: 'text/javascript', body: "window.injected = 'file'" }),
  );
  await page.goto('/sign-in');
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
  await page.evaluate(() => {
    document.querySelector<HTMLElement>('#injected')?.click();
    const script = document.createElement('div');
    script.innerHTML = '<img src="data:," onerror="window.injected = \'later\'">';
    document.body.append(script);
  });
  await expect.poll(() => page.evaluate(() => document.baseURI)).toMatch(/^http:\/\/127/);
  expect(await page.evaluate(() => Reflect.get(window, 'injected'))).toBeUndefined();
  expect(await isAlive(page)).toBe(true);
});

/** Whether React has taken the document over, and so its scripts ran. */
async function isAlive(page: Page): Promise<boolean> {
  await page.waitForFunction(
    () =>
      Object.keys(document.documentElement).some((key) => key.startsWith('__react')) ||
      Object.keys(document.body).some((key) => key.startsWith('__react')),
  );
  return true;
}
