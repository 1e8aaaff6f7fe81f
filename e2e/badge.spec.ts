/** How many are unread stands in the tab's title, at its icon, and at the icon of an app that was installed. */
import type { Page } from '@playwright/test';
import { ADA, bell, expect, test } from './fixtures.ts';

const iconsOf = (page: Page) =>
  page
    .locator('link[rel~="icon"]')
    .evaluateAll((links) => links.map((link) => link.getAttribute('href')?.replace(/.*\/|[?.].*/g, '')));

/** What the app's icon was given, tab by tab: this browser has no such icon. */
async function watchAppBadge(page: Page): Promise<() => Promise<number[]>> {
  await page.addInitScript(() => {
    const given: number[] = [];
    Object.assign(window, { given });
    Object.assign(navigator, {
      setAppBadge: async (count: number) => void given.push(count),
      clearAppBadge: async () => void given.push(0),
    });
  });
  await page.reload();
  await expect(bell(page).button).toHaveAccessibleName(/unread/);
  return () => page.evaluate(() => (window as unknown as { given: number[] }).given);
}

test('title and icon follow the unread total, in every tab', async ({ admin, signIn }) => {
  const { page, http, openTab } = await signIn(ADA);
  const other = await openTab('/inbox');
  for (const tab of [page, other]) {
    await expect(tab).toHaveTitle(/^(Inbox · )?Belfry$/);
    expect(await iconsOf(tab)).not.toContain('unread-icon');
  }
  const plain = await iconsOf(page);
  const ids = [await admin.sendTo(ADA, { title: 'One' }), await admin.sendTo(ADA, { title: 'Two' })];
  await expect(page).toHaveTitle('(2) Belfry');
  await expect(other).toHaveTitle('(2) Inbox · Belfry');
  for (const tab of [page, other]) expect(new Set(await iconsOf(tab))).toEqual(new Set(['unread-icon']));
  const icon = await page.locator('link[rel~="icon"]').first().getAttribute('href');
  expect((await page.request.get(icon ?? '')).headers()['content-type']).toContain('image/svg+xml');
  await http.post('/notifications/read', { ids: ids.slice(0, 1) });
  await expect(page).toHaveTitle('(1) Belfry');
  await http.post('/notifications/dismiss', { ids });
  for (const tab of [page, other]) await expect(tab).toHaveTitle(/^(Inbox · )?Belfry$/);
  expect(await iconsOf(page)).toEqual(plain);
});

test('the title of the next page has the number from the first on', async ({ admin, signIn }) => {
  await admin.sendTo(ADA, { title: 'One' });
  const { page } = await signIn(ADA);
  await expect(page).toHaveTitle('(1) Belfry');
  await page.evaluate(() => {
    const drawn: string[] = [];
    Object.assign(window, { drawn });
    const look = () => {
      if (drawn.at(-1) !== document.title) drawn.push(document.title);
      requestAnimationFrame(look);
    };
    look();
  });
  await bell(page).open();
  await bell(page).panel.getByRole('link', { name: 'Open inbox' }).click();
  await expect(page).toHaveTitle('(1) Inbox · Belfry');
  await page.goBack();
  await expect(page).toHaveTitle('(1) Belfry');
  expect(await page.evaluate(() => (window as unknown as { drawn: string[] }).drawn)).toEqual([
    '(1) Belfry',
    '(1) Inbox · Belfry',
    '(1) Belfry',
  ]);
  await expect.poll(() => iconsOf(page)).toContain('unread-icon');
});

test('a number over 99 is said as the bell says it', { tag: '@long' }, async ({ admin, signIn }) => {
  await Promise.all(Array.from({ length: 100 }, (_, n) => admin.sendTo(ADA, { title: `Number ${n}` })));
  const { page } = await signIn(ADA);
  await expect(page).toHaveTitle('(99+) Belfry');
});

test("the app's icon has the number from the tab that shows toasts, and none after a sign-out", async ({
  admin,
  signIn,
  expectErrors,
}) => {
  expectErrors(/401/);
  const { page, context } = await signIn(ADA);
  const given = await watchAppBadge(page);
  await expect.poll(given).toEqual([0]);
  await admin.sendTo(ADA, { title: 'One' });
  await expect.poll(given).toEqual([0, 1]);
  await admin.sendTo(ADA, { title: 'Two' });
  await expect.poll(given).toEqual([0, 1, 2]);
  // A tab of a browser without a screen takes the toasts with it when it opens.
  const other = await context.newPage();
  await other.goto('/');
  const givenByOther = await watchAppBadge(other);
  await other.bringToFront();
  await expect.poll(givenByOther).toContain(2);
  const before = await given();
  await admin.sendTo(ADA, { title: 'Three' });
  await expect.poll(givenByOther).toContain(3);
  expect(await given()).toEqual(before);
  await page.bringToFront();
  await page.getByRole('button', { name: /^Account of/ }).click();
  const left = page.waitForEvent('framenavigated');
  const cleared = page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        Object.assign(navigator, { clearAppBadge: async () => resolve(0) });
      }),
  );
  await page.getByRole('button', { name: 'Sign out' }).click();
  expect(await cleared).toBe(0);
  await left;
});
