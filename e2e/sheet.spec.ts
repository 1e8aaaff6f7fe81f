/** The panel as a sheet in front of the page, on small screens; and where the focus goes on wide ones. */
import type { Page } from '@playwright/test';
import { ADA, bell, connection, expect, test, toasts, uniqueTitle } from './fixtures.ts';

const PHONE = { viewport: { width: 380, height: 760 }, hasTouch: true };
const SMALL = [
  { width: 380, height: 760 },
  { width: 320, height: 256 },
  { width: 320, height: 568, tag: '@long' },
  { width: 568, height: 320, tag: '@long' },
  { width: 667, height: 375, tag: '@long' },
];

const hasFocusIn = (page: Page) =>
  page.evaluate(() => document.activeElement?.closest('dialog') !== null || !document.hasFocus());
const scrollTop = (page: Page) => page.evaluate(() => window.scrollY);

test('the sheet keeps the page out of reach until it is closed', async ({ admin, signIn }) => {
  const { page } = await signIn(ADA, PHONE);
  await admin.sendTo(ADA, { title: 'Some title' });
  const { button, open, panel, showsUnread } = bell(page);
  await showsUnread(1);
  await open();
  await expect(panel).toHaveAttribute('aria-modal', 'true');
  await expect(panel).toBeFocused();
  // Past everything that can have the focus, twice; the browser itself is a stop on the way.
  for (let tabs = 0; tabs < 16; tabs++) {
    await page.keyboard.press('Tab');
    expect(
      await page.evaluate(() => document.activeElement?.closest('main, header > div > a, nav')),
    ).toBeNull();
  }
  await expect.poll(() => hasFocusIn(page)).toBe(true);
  await page.mouse.move(190, 30);
  await page.mouse.wheel(0, 400);
  expect(await scrollTop(page)).toBe(0);
  await page.keyboard.press('Escape');
  await expect(panel).toBeHidden();
  await expect(button).toBeFocused();
  await expect.poll(() => page.evaluate(() => history.state?.belfryInFront)).toBeUndefined();
});

test('Back closes the sheet and stays on the page, and once closed it takes nothing to leave', async ({
  expectErrors,
  signIn,
}) => {
  expectErrors(/status of 403/);
  const { page } = await signIn(ADA, PHONE);
  const { open, panel } = bell(page);
  await page.goto('/admin');
  await page.goto('/');
  await expect(connection(page)).toHaveText('Live');
  await open();
  await page.goBack();
  await expect(panel).toBeHidden();
  await expect(page.getByRole('heading', { name: 'Hello, Ada.' })).toBeVisible();
  await expect(connection(page)).toHaveText('Live');

  for (const close of [
    () => panel.getByRole('button', { name: 'Done' }).click(),
    () => page.keyboard.press('Escape'),
    () => page.mouse.click(190, 20),
  ]) {
    await open();
    await close();
    await expect(panel).toBeHidden();
    await expect.poll(() => page.evaluate(() => history.state?.belfryInFront)).toBeUndefined();
  }
  // Forward leads to where the sheet was open: to nothing.
  await page.goForward();
  await expect.poll(() => page.evaluate(() => history.state?.belfryInFront)).toBeUndefined();
  await expect(panel).toBeHidden();
  await page.goBack();
  await expect(page.getByRole('heading', { name: 'This page is for administrators' })).toBeVisible();
});

test('a page that is loaded again while its sheet was open needs no second Back', { tag: '@long' }, async ({
  expectErrors,
  signIn,
}) => {
  expectErrors(/status of 403/);
  const { page } = await signIn(ADA, PHONE);
  await page.goto('/admin');
  await page.goto('/');
  await expect(connection(page)).toHaveText('Live');
  await bell(page).open();
  await page.reload();
  await expect(connection(page)).toHaveText('Live');
  await expect(bell(page).panel).toBeHidden();
  await expect.poll(() => page.evaluate(() => history.state?.belfryInFront)).toBeUndefined();
  await page.goBack();
  await expect(page.getByRole('heading', { name: 'This page is for administrators' })).toBeVisible();
});

test('a link in the sheet leads on from the page, and Back from there to it', { tag: '@long' }, async ({
  admin,
  signIn,
}) => {
  const { page } = await signIn(ADA, PHONE);
  const title = uniqueTitle('To a page');
  await admin.sendTo(ADA, { title, link: '/admin' });
  await bell(page).open();
  await bell(page).item(title).getByRole('link').click();
  await expect(page.getByRole('heading', { name: 'This page is for administrators' })).toBeVisible();
  await expect(bell(page).panel).toBeHidden();
  await page.goBack();
  await expect(page.getByRole('heading', { name: 'Hello, Ada.' })).toBeVisible();
  await expect(bell(page).panel).toBeHidden();
  await expect.poll(() => page.evaluate(() => history.state?.belfryInFront)).toBeUndefined();
});

test('a screen that is turned while the panel is open keeps it open', { tag: '@long' }, async ({
  signIn,
}) => {
  const { page } = await signIn(ADA, { viewport: { width: 1024, height: 500 } });
  const { open, panel } = bell(page);
  await open();
  await expect(panel).toHaveAttribute('aria-modal', 'false');
  await page.setViewportSize({ width: 500, height: 1024 });
  await expect(panel).toHaveAttribute('aria-modal', 'true');
  await page.setViewportSize({ width: 1024, height: 500 });
  await expect(panel).toHaveAttribute('aria-modal', 'false');
  await expect(panel).toBeVisible();
  await expect.poll(() => page.evaluate(() => history.state?.belfryInFront)).toBeUndefined();
});

test('what arrives while the sheet is open stands in it, is read out in front of the page, and covers nothing', async ({
  admin,
  signIn,
}) => {
  const { page } = await signIn(ADA, PHONE);
  await bell(page).open();
  const title = uniqueTitle('Right now');
  await admin.sendTo(ADA, { title, priority: 'CRITICAL' });
  await expect(bell(page).item(title)).toBeVisible();
  // The page behind is out of reach for whoever hears it, too.
  await expect(bell(page).panel.getByRole('alert').filter({ hasText: title })).toBeAttached();
  await expect(toasts(page)).toHaveCount(0);
  // Long enough to be seen: it waits no longer.
  await page.waitForTimeout(700);
  await bell(page).close();
  await expect(toasts(page)).toHaveCount(0);
});

for (const { tag = [], ...viewport } of SMALL) {
  test(`"Clear all" never stands where the bell was, on ${viewport.width} by ${viewport.height} pixels`, {
    tag,
  }, async ({ admin, signIn }) => {
    for (const title of ['One', 'Two', 'Three']) await admin.sendTo(ADA, { title });
    const { page } = await signIn(ADA, { viewport, hasTouch: true });
    const { button, panel, open, showsUnread } = bell(page);
    await showsUnread(3);
    const was = await button.boundingBox();
    const [x, y] = [(was?.x ?? 0) + (was?.width ?? 0) / 2, (was?.y ?? 0) + (was?.height ?? 0) / 2];
    await open();
    const clear = await panel.getByRole('button', { name: 'Clear all' }).boundingBox();
    const isApart =
      (clear?.y ?? 0) > (was?.y ?? 0) + (was?.height ?? 0) ||
      (clear?.x ?? 0) + (clear?.width ?? 0) < (was?.x ?? 0);
    expect(isApart).toBe(true);
    await page.keyboard.press('Escape');

    await expect(panel).toBeHidden();
    for (let taps = 0; taps < 4; taps++) await page.touchscreen.tap(x, y);
    await showsUnread(3);
  });
}

test('a double click dismisses one, and a key that is held down too', async ({ admin, signIn }) => {
  const { page } = await signIn(ADA, PHONE);
  for (let n = 1; n <= 8; n++) await admin.sendTo(ADA, { title: `Number ${n}` });
  const { item, open, showsUnread } = bell(page);
  await showsUnread(8);
  await open();
  const dismissOf = (n: number) => item(`Number ${n}`).getByRole('button', { name: 'Dismiss' });
  await dismissOf(8).dblclick();
  await showsUnread(7);
  await expect(item('Number 7')).toBeVisible();
  await dismissOf(7).click();
  await showsUnread(6);

  await dismissOf(5).focus();
  for (let held = 0; held < 6; held++) await page.keyboard.down('Enter');
  await page.keyboard.up('Enter');
  await expect(dismissOf(5)).toBeHidden();
  await showsUnread(5);
  // One after the other, meant as such.
  await dismissOf(4).click();
  await dismissOf(3).click();
  await showsUnread(3);
});

test('Tab leads out of the panel to what stands behind the bell, and closes it; Shift+Tab back to the bell', async ({
  admin,
  signIn,
}) => {
  const { page } = await signIn(ADA);
  for (const title of ['One', 'Two']) await admin.sendTo(ADA, { title });
  const { button, open, panel, showsUnread } = bell(page);
  await showsUnread(2);
  await open();
  await page.keyboard.press('Shift+Tab');
  await expect(button).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(panel.getByRole('button', { name: 'Open', exact: true }).first()).toBeFocused();
  await panel.getByRole('button', { name: 'Dismiss' }).last().focus();
  await page.keyboard.press('Tab');
  await expect(panel.getByRole('link', { name: 'Open inbox' })).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(panel.getByRole('button', { name: 'Clear all' })).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: /^Account of/ })).toBeFocused();
  await expect(panel).toBeHidden();

  await open();
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Shift+Tab');
  await expect(panel).toBeHidden();
  await expect(page.getByRole('link', { name: 'Inbox', exact: true })).toBeFocused();
  await open();
  await page.getByRole('heading', { level: 1 }).click();
  await expect(panel).toBeHidden();
});

test('the panel that a toast opened gives the focus to the bell when it closes', { tag: '@long' }, async ({
  admin,
  signIn,
}) => {
  const { page } = await signIn(ADA);
  await Promise.all([1, 2, 3, 4, 5, 6].map((n) => admin.sendTo(ADA, { title: `Number ${n}` })));
  await toasts(page).getByRole('button', { name: 'Show them' }).click();
  await expect(bell(page).panel).toBeFocused();
  await bell(page).close();
  await expect(bell(page).button).toBeFocused();
});
