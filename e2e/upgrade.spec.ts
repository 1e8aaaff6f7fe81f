import { randomUUID } from 'node:crypto';
import type { Page } from '@playwright/test';
import {
  ADMIN,
  bell,
  expect,
  NETWORK_IS_GONE,
  sendToEveryone,
  test,
  toasts,
  uniqueTitle,
} from './fixtures.ts';

/** For a server of other sources. */
function anotherVersion() {
  return { BELFRY_VERSION: randomUUID() };
}

/** What the page says once it knows that the server has another version. */
function notice(page: Page) {
  return page
    .getByRole('banner')
    .getByRole('status')
    .filter({ hasText: 'There is a new version of this site' });
}

test('a page that was open over an upgrade says so, and its form keeps what was typed over the reload', async ({
  signIn,
  server,
  expectErrors,
}) => {
  expectErrors(NETWORK_IS_GONE);
  expectErrors(/409|Server Action/);
  const { page } = await signIn(ADMIN, { path: '/admin' });
  const title = uniqueTitle('Typed before');
  await page.getByLabel('Title').fill(title);
  await page.getByLabel('Message').fill('Two lines,\nand both are kept.');
  await page.getByLabel('Priority').selectOption('HIGH');

  await server.stop();
  await server.start(anotherVersion());
  // As the new version knows no action of the old one's.
  await page.route('/admin', (route) =>
    route.continue({ headers: { ...route.request().headers(), 'next-action': '7f'.padEnd(42, '0') } }),
  );
  await page.getByRole('button', { name: 'Send to everyone' }).click();
  await expect(
    page.getByText('There is a new version of this site. Reload the page to go on. What you typed is kept.'),
  ).toBeVisible();
  await page.unroute('/admin');

  await expect(notice(page)).toBeVisible();
  const reload = notice(page).getByRole('button', { name: 'Reload' });
  await reload.focus();
  await page.keyboard.press('Enter');
  await expect(notice(page)).toBeHidden();
  await expect(page.getByLabel('Title')).toHaveValue(title);
  await expect(page.getByLabel('Message')).toHaveValue('Two lines,\nand both are kept.');
  await expect(page.getByLabel('Priority')).toHaveValue('HIGH');

  await sendToEveryone(page);
  await expect(toasts(page, title)).toHaveCount(1);
  // Sent is sent: nothing of it is typed again.
  await page.reload();
  await expect(page.getByLabel('Title')).toHaveValue('');
});

test('the panel whose code is gone with the old version offers to reload, and not to check the connection', {
  tag: '@long',
}, async ({ signIn, server, expectErrors }) => {
  expectErrors(NETWORK_IS_GONE);
  expectErrors(/404|ChunkLoadError|Failed to load/);
  const { page } = await signIn(ADMIN);
  await server.stop();
  await server.start(anotherVersion());
  await page.route(/_next\/static\/chunks/, (route) => route.fulfill({ status: 404 }));
  await bell(page).button.click();
  await expect(
    page.getByText('There is a new version of this site. Reload the page to go on.'),
  ).toBeVisible();
  await expect(page.getByText('Check your connection')).toBeHidden();
  await expect(notice(page)).toBeVisible();
  await page.unroute(/_next\/static\/chunks/);
  await notice(page).getByRole('button', { name: 'Reload' }).click();
  await bell(page).button.click();
  await expect(bell(page).panel).toBeVisible();
});

test('a page that nobody touches hears of the new version with the next heartbeat', { tag: '@long' }, async ({
  signIn,
  server,
  expectErrors,
}) => {
  expectErrors(NETWORK_IS_GONE);
  const { page } = await signIn(ADMIN);
  await server.stop();
  await server.start(anotherVersion());
  await expect(notice(page)).toBeVisible({ timeout: 25_000 });
});
