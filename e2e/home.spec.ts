/** The first page of whoever is signed in: what is newest, and demonstrations that do what they say. */
import type { Page } from '@playwright/test';
import { ADA, ADMIN, BEN, bell, EVERYWHERE_WITHIN, expect, test, uniqueTitle } from './fixtures.ts';

function newest(page: Page) {
  const region = page.getByRole('region', { name: 'Newest' });
  const item = (title: string) =>
    region.getByRole('article').filter({ has: page.getByRole('heading', { name: title, exact: true }) });
  return { region, items: region.getByRole('article'), item };
}

test('the newest five are there as they arrive, each with its buttons, and the way to all of them', async ({
  signIn,
  admin,
}) => {
  const { page } = await signIn(ADA);
  const { region, items, item } = newest(page);
  await expect(region.getByText('Nothing is waiting')).toBeVisible();
  const titles = Array.from({ length: 6 }, (_, n) => uniqueTitle(`Number ${n}`));
  for (const title of titles) await admin.sendTo(ADA, { title });
  await expect(item(titles[5] as string)).toBeVisible(EVERYWHERE_WITHIN);
  await expect(items).toHaveCount(5);
  await expect(items.first()).toContainText(titles[5] as string);
  await expect(page.getByText('6 notifications are waiting.')).toBeVisible();

  await item(titles[5] as string)
    .getByRole('button', { name: 'Dismiss' })
    .press('Enter');
  // The one before comes up, and the focus goes on.
  await expect(items).toHaveCount(5);
  await expect(item(titles[0] as string)).toBeVisible();
  await expect(item(titles[4] as string).getByRole('button', { name: 'Dismiss' })).toBeFocused();
  await bell(page).showsUnread(5);

  await region.getByRole('link', { name: 'Open inbox' }).click();
  await expect(page).toHaveURL(/\/inbox$/);
});

test('a program asks, waits on the server for the answer, and tells what it did', async ({ signIn }) => {
  const { page, openTab } = await signIn(ADA);
  const other = newest(await openTab());
  for (const [answer, outcome] of [
    ['Not now', '4.2 was not deployed'],
    ['Deploy', '4.2 is in production'],
  ] as const) {
    const { region, item } = newest(page);
    await page.getByRole('button', { name: 'Start the program' }).click();
    await expect(page.getByText('The program has started: it asks you, and waits.')).toBeVisible();
    const question = item('Deploy 4.2 to production?').first();
    await question.getByRole('button', { name: answer, exact: true }).click();
    await expect(item(outcome)).toBeVisible(EVERYWHERE_WITHIN);
    await expect(other.item(outcome)).toBeVisible(EVERYWHERE_WITHIN);
    await expect(question).toContainText(`You chose: ${answer}`);
    await expect(region.getByRole('button', { name: answer, exact: true })).toHaveCount(0);
  }
});

test('an answer reaches the program also when its server was restarted meanwhile', { tag: '@long' }, async ({
  signIn,
  server,
  expectErrors,
}) => {
  expectErrors(/net::ERR_|Failed to (fetch|load)/);
  const { page } = await signIn(BEN);
  const { item } = newest(page);
  await page.getByRole('button', { name: 'Start the program' }).click();
  const question = item('Deploy 4.2 to production?');
  await expect(question).toBeVisible();
  await server.stop();
  await server.start();
  await expect(async () => {
    const button = question.getByRole('button', { name: 'Deploy', exact: true });
    if (await button.isVisible()) await button.click({ timeout: 1_000 });
    await expect(item('4.2 is in production')).toHaveCount(1, { timeout: 3_000 });
  }).toPass({ timeout: 30_000 });
});

test('four people comment on one post, and it is shown as one', async ({ signIn }) => {
  const { page } = await signIn(ADA);
  const { items, region } = newest(page);
  await page.getByRole('button', { name: 'Have them comment' }).click();
  await expect(page.getByText('4 people have commented.')).toBeVisible();
  await expect(items).toHaveCount(1);
  await expect(region.getByRole('heading')).toHaveText([
    'Newest',
    'Today',
    'Ben and 3 others commented on “New beams for the tower”',
  ]);
  await bell(page).showsUnread(4);
});

test('who presses too often is told when to try again', async ({ signIn }) => {
  const { page } = await signIn(ADMIN);
  const start = page.getByRole('button', { name: 'Start the program' });
  for (let press = 0; press < 6; press++) {
    await start.click();
    await expect(start).toHaveAttribute('aria-disabled', 'false');
  }
  await start.click();
  await expect(
    page.getByText(/You may start this 6 times a minute\. Wait \d+ s, then try again\./),
  ).toBeVisible();
});

test('nothing jumps while the page comes over a slow network, empty or full', async ({ signIn, admin }) => {
  const { page, context } = await signIn(ADA);
  for (const path of ['/', '/inbox', '/settings/account', '/settings/appearance']) {
    const tab = await context.newPage();
    const network = await context.newCDPSession(tab);
    await network.send('Network.enable');
    await network.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 300,
      downloadThroughput: 100_000,
      uploadThroughput: 50_000,
    });
    await tab.addInitScript(() => {
      Reflect.set(window, 'shift', 0);
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries() as (PerformanceEntry & { value: number })[])
          Reflect.set(window, 'shift', Reflect.get(window, 'shift') + entry.value);
      }).observe({ type: 'layout-shift', buffered: true });
    });
    await tab.goto(path);
    await expect(tab.getByRole('banner').getByText('Live')).toBeVisible({ timeout: 20_000 });
    await tab.evaluate(() => document.fonts.ready);
    const shift: number = await tab.evaluate(() => Reflect.get(window, 'shift'));
    expect.soft(shift, path).toBeLessThan(0.002);
    await tab.close();
    if (path === '/') for (let n = 0; n < 6; n++) await admin.sendTo(ADA, { title: `Number ${n}` });
  }
  await page.close();
});
