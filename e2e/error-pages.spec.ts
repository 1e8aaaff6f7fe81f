/** Pages that cannot be shown: each says why and how to go on, in the reader's language and theme. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { openDatabase } from '../lib/database/db.ts';
import type { TestServer } from '../test/support/server.ts';
import { ADA, ADMIN, expect, test } from './fixtures.ts';

const FAILURES =
  /status of (403|404|500)|server-side exception|Server Components render|Minified React error/;

const LANGUAGES = [
  {
    locale: 'en-GB',
    notFound: 'There is nothing at this address',
    forbidden: 'This page is for administrators',
    failed: 'This page could not be shown',
    gone: 'Belfry is not answering properly',
    home: 'Go to Home',
    again: 'Try again',
  },
  {
    locale: 'zh-TW',
    notFound: '這個網址\u200b沒有內容',
    forbidden: '這個頁面\u200b只開放給管理員',
    failed: '這個頁面\u200b無法顯示',
    gone: 'Belfry 目前\u200b無法正常回應',
    home: '回到首頁',
    again: '再試一次',
  },
];

async function without(server: TestServer, table: string, look: () => Promise<void>): Promise<void> {
  const db = openDatabase(server.databaseUrl);
  const rename = (from: string, to: string) =>
    db.$executeRawUnsafe(`ALTER TABLE "${from}" RENAME TO "${to}"`);
  await rename(table, `${table}_away`);
  try {
    await look();
  } finally {
    await rename(`${table}_away`, table);
    await db.$disconnect();
  }
}

async function says(page: Page, heading: string): Promise<void> {
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(heading);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect.soft(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
}

for (const { locale, notFound, forbidden, failed, gone, home, again } of LANGUAGES) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`in ${locale}, ${colorScheme}, they say what happened and lead on`, {
      tag: colorScheme === 'dark' ? '@long' : [],
    }, async ({ signIn, openBrowser, server, expectErrors }) => {
      expectErrors(FAILURES);
      const options = { locale, colorScheme, reducedMotion: 'reduce' as const };
      const visitor = await (await openBrowser(options)).newPage();
      expect((await visitor.goto('/nowhere'))?.status()).toBe(404);
      await says(visitor, notFound);
      await visitor.getByRole('link', { name: home }).click();
      await expect(visitor).toHaveURL(/\/$/);

      const ada = await signIn(ADA, options);
      expect((await ada.page.goto('/admin'))?.status()).toBe(403);
      await says(ada.page, forbidden);

      const { page } = await signIn(ADMIN, options);
      await without(server, 'belfry_event', async () => {
        expect((await page.goto('/admin'))?.status()).toBe(500);
        await says(page, failed);
      });
      await page.getByRole('button', { name: again }).click();
      await expect(page.locator('#title')).toBeVisible();

      await without(server, 'user', async () => {
        await page.goto('/admin');
        await says(page, gone);
        await expect(page.locator('html')).toHaveAttribute('lang', locale.startsWith('en') ? 'en' : locale);
      });
    });
  }
}

test('the page in place of the document has the language and the theme that were chosen, whatever the browser says', async ({
  signIn,
  makeAccount,
  server,
  expectErrors,
}) => {
  expectErrors(FAILURES);
  const { email, password } = await makeAccount();
  const options = { password, locale: 'en-GB', colorScheme: 'light' as const, path: '/settings/appearance' };
  const { page, context } = await signIn(email, options);
  await page.getByRole('radio', { name: 'Dark' }).check();
  await expect.poll(async () => (await context.cookies()).map(({ name }) => name)).toContain('belfry-theme');
  await page.goto('/settings/account');
  await page.getByRole('combobox', { name: 'Language' }).selectOption('繁體中文');
  await page.getByRole('button', { name: 'Use it' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('你的帳號');
  await expect.poll(() => page.evaluate(() => localStorage.getItem('belfry-language'))).toBe('zh-TW');
  await without(server, 'user', async () => {
    await page.goto('/');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Belfry 目前\u200b無法正常回應');
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  });
});
