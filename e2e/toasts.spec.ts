/** Toasts among each other: which stay, where they stand, and where the focus goes. */
import type { Page } from '@playwright/test';
import { ADA, BEN, bell, expect, test, toasts, uniqueTitle } from './fixtures.ts';

const LONG = 'A message of some length, so that it takes more than one line. '.repeat(6);
const closeOf = (page: Page, title: string) => toasts(page, title).getByRole('button', { name: 'Close' });

test('a critical toast keeps its place, however many arrive that do not wait for anybody', async ({
  admin,
  signIn,
}) => {
  const { page } = await signIn(ADA);
  const critical = uniqueTitle('The roof is open');
  await admin.sendTo(ADA, { title: critical, priority: 'CRITICAL' });
  await expect(toasts(page, critical)).toBeInViewport({ ratio: 1 });
  for (let n = 1; n <= 6; n++) {
    await admin.sendTo(ADA, { title: `Low ${n}`, message: LONG, priority: 'LOW' });
    await bell(page).showsUnread(n + 1);
    await expect(toasts(page, critical)).toBeInViewport({ ratio: 1 });
    expect(await toasts(page).count()).toBeLessThanOrEqual(3);
  }
  await expect(toasts(page).filter({ hasText: /more notifications/ })).toBeVisible();
});

for (const { tag = [], ...viewport } of [
  { width: 320, height: 256 },
  { width: 568, height: 320, tag: '@long' },
  { width: 320, height: 568, tag: '@long' },
]) {
  test(`five tall critical toasts can all be closed by hand on ${viewport.width} by ${viewport.height} pixels`, {
    tag,
  }, async ({ admin, signIn }) => {
    const { page } = await signIn(ADA, { viewport });
    const titles = [1, 2, 3, 4, 5].map((n) => uniqueTitle(`Critical ${n}`));
    for (const title of titles) {
      await admin.sendTo(ADA, { title, message: LONG, priority: 'CRITICAL', link: `/${'path/'.repeat(40)}` });
    }
    await bell(page).showsUnread(5);
    // The newest first: the others wait in the summary, and come back as there is room.
    for (const title of titles.toReversed()) {
      await expect(toasts(page, title)).toBeVisible();
      for (const toast of await toasts(page).all()) {
        await expect(toast.getByRole('button', { name: 'Close' })).toBeInViewport({ ratio: 1 });
      }
      const box = await closeOf(page, title).boundingBox();
      await page.mouse.click((box?.x ?? 0) + 10, (box?.y ?? 0) + 10);
      await expect(toasts(page, title)).toBeHidden();
    }
    await expect(toasts(page)).toHaveCount(0);
    await bell(page).showsUnread(5);
  });
}

test('closing toasts by keyboard leads from one to the next, and then back to where the focus was', async ({
  admin,
  signIn,
}) => {
  const { page } = await signIn(ADA);
  const [first, second, third] = [uniqueTitle('First'), uniqueTitle('Second'), uniqueTitle('Third')];
  for (const title of [first, second, third]) await admin.sendTo(ADA, { title, priority: 'CRITICAL' });
  await expect(toasts(page)).toHaveCount(3);
  const before = page.getByRole('button', { name: 'Build my report' });
  await before.focus();
  await page.keyboard.press('Alt+KeyT');
  await expect(closeOf(page, first)).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(closeOf(page, second)).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(toasts(page, second)).toBeHidden();
  await expect(closeOf(page, third)).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(closeOf(page, first)).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(toasts(page)).toHaveCount(0);
  await expect(before).toBeFocused();
});

test('a toast that leaves under the focus hands it on', async ({ admin, signIn }) => {
  const { http, page } = await signIn(ADA);
  const [gone, left] = [uniqueTitle('Dismissed elsewhere'), uniqueTitle('Left')];
  const id = await admin.sendTo(ADA, { title: gone, priority: 'CRITICAL' });
  await admin.sendTo(ADA, { title: left, priority: 'CRITICAL' });
  await expect(toasts(page)).toHaveCount(2);
  await page.keyboard.press('Alt+KeyT');
  await expect(closeOf(page, gone)).toBeFocused();
  await http.post('/notifications/dismiss', { ids: [id] });
  await expect(toasts(page, gone)).toBeHidden();
  await expect(closeOf(page, left)).toBeFocused();
});

test('a toast stays for as long as the pointer is on it, and a double click closes one', {
  tag: '@long',
}, async ({ admin, signIn }) => {
  const ben = await signIn(BEN);
  const { page } = await signIn(ADA);
  const [low, first, second] = [uniqueTitle('Low'), uniqueTitle('First'), uniqueTitle('Second')];
  await admin.sendTo(ADA, { title: low, priority: 'LOW' });
  await toasts(page, low).hover();
  // Longer than it lasts by itself, as another one tells that comes later and lasts longer.
  const other = uniqueTitle('Normal');
  await admin.sendTo(BEN, { title: other });
  await expect(toasts(ben.page, other)).toBeVisible();
  await expect(toasts(ben.page, other)).toBeHidden({ timeout: 15_000 });
  await expect(toasts(page, low)).toBeVisible();
  await page.mouse.move(5, 5);
  await expect(toasts(page, low)).toBeHidden({ timeout: 10_000 });

  for (const title of [first, second]) await admin.sendTo(ADA, { title, priority: 'CRITICAL' });
  await expect(toasts(page)).toHaveCount(2);
  await closeOf(page, first).dblclick({ noWaitAfter: true });
  await expect(toasts(page)).toHaveCount(1);
  await expect(toasts(page, second)).toBeVisible();
});
