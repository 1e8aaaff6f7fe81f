/** The page with all notifications: its views, its address, and what can be done there. */
import type { Page } from '@playwright/test';
import Database from 'better-sqlite3';
import { ADA, bell, EVERYWHERE_WITHIN, expect, repeat, test, uniqueTitle } from './fixtures.ts';
import { inbox } from './inbox-view.ts';

test('the panel leads to the inbox, where what arrives shows at once', async ({ admin, signIn }) => {
  const { page } = await signIn(ADA);
  await bell(page).open();
  await bell(page).panel.getByRole('link', { name: 'Open inbox' }).click();
  await expect(page).toHaveTitle('Inbox · Belfry');
  await expect(bell(page).panel).toBeHidden();
  await expect(inbox(page).region.getByText('Nothing is waiting')).toBeVisible();
  const title = uniqueTitle('Live');
  await admin.sendTo(ADA, { title });
  await expect(inbox(page).item(title)).toBeVisible();
  await expect(inbox(page).region.getByRole('heading', { name: 'Today' })).toBeVisible();
});

test('what is dismissed is among what is done, and can go back to the inbox', async ({ admin, signIn }) => {
  const { page } = await signIn(ADA);
  const title = uniqueTitle('There and back');
  await admin.sendTo(ADA, { title });
  await page.goto('/inbox');
  const { region, view, item, press } = inbox(page);
  await press(title, 'Dismiss');
  await expect(region.getByText('Nothing is waiting')).toBeVisible();
  await view('Done').click();
  await expect(view('Done')).toHaveAttribute('aria-pressed', 'true');
  await press(title, 'Move to inbox');
  await expect(item(title)).toBeHidden();
  await view('Inbox').click();
  await expect(item(title)).toBeVisible();
  await bell(page).showsUnread(1);
});

test('what is read leaves what is unread, and stays in the inbox', async ({ admin, signIn }) => {
  const { page } = await signIn(ADA);
  const [first, second] = [uniqueTitle('First'), uniqueTitle('Second')];
  for (const title of [first, second]) await admin.sendTo(ADA, { title });
  await page.goto('/inbox');
  const { region, view, item, press } = inbox(page);
  await view('Unread').click();
  await item(first).getByRole('button', { name: 'Mark as read' }).press('Enter');
  await expect(item(first)).toBeHidden();
  // Whoever works by keyboard goes on with the next.
  await expect(item(second).getByRole('button', { name: 'Mark as read' })).toBeFocused();
  await bell(page).showsUnread(1);
  await press(second, 'Mark as read');
  await expect(region.getByText('Nothing unread')).toBeVisible();
  await view('Inbox').click();
  await press(first, 'Mark as unread');
  await bell(page).showsUnread(1);
});

test('a press on a row opens its link and marks it as read; with Ctrl or the middle button in another tab', async ({
  admin,
  signIn,
}) => {
  const { context, page } = await signIn(ADA);
  const titles = ['Plain', 'Control', 'Middle'].map(uniqueTitle);
  for (const title of titles) await admin.sendTo(ADA, { title, link: '/settings/account' });
  const [plain = '', control = '', middle = ''] = titles;
  await page.goto('/inbox');
  const { item } = inbox(page);
  const ways: [string, Parameters<ReturnType<typeof item>['click']>[0]][] = [
    [control, { modifiers: ['Control'] }],
    [middle, { button: 'middle' }],
  ];
  for (const [title, options] of ways) {
    const opened = context.waitForEvent('page');
    await item(title).click({ ...options, position: { x: 200, y: 12 } });
    await (await opened).close();
    await expect(item(title)).not.toHaveAttribute('data-unread');
    await expect(page).toHaveURL(/\/inbox$/);
  }
  await item(plain).click({ position: { x: 200, y: 12 } });
  await expect(page).toHaveURL(/\/settings\/account$/);
  await bell(page).showsUnread(0);
});

test('a row that leads nowhere shows all of its message, and is read then; its buttons stay its own', async ({
  admin,
  signIn,
}) => {
  const { page } = await signIn(ADA);
  const [long, short] = [uniqueTitle('Long'), uniqueTitle('Short')];
  await admin.sendTo(ADA, { title: short });
  await admin.sendTo(ADA, { title: long, message: `${'Some more words. '.repeat(60)}The end.` });
  await page.goto('/inbox');
  const { item } = inbox(page);
  const clamped = (await item(long).boundingBox())?.height ?? 0;
  await item(long).click({ position: { x: 200, y: 12 } });
  await expect(item(long).getByRole('button', { name: 'Show less' })).toHaveAttribute(
    'aria-expanded',
    'true',
  );
  expect((await item(long).boundingBox())?.height).toBeGreaterThan(clamped * 1.5);
  await bell(page).showsUnread(1);
  await expect(item(long).getByRole('button', { name: 'Show less' })).toBeVisible();
  await item(short).getByRole('button', { name: 'Dismiss' }).click();
  await expect(item(short)).toBeHidden();
  await item(long).click({ position: { x: 200, y: 12 } });
  await expect(item(long).getByRole('button', { name: 'Show all' })).toBeVisible();
});

test('what is put off leaves the inbox, says when it returns, and can come back before', async ({
  admin,
  signIn,
}) => {
  const { page } = await signIn(ADA);
  const [later, chosen] = [uniqueTitle('Later'), uniqueTitle('Chosen')];
  for (const title of [later, chosen]) await admin.sendTo(ADA, { title });
  await page.goto('/inbox');
  const { region, view, item, press, snoozeMenu } = inbox(page);
  await press(later, 'Snooze');
  await expect(snoozeMenu.getByRole('button', { name: 'In an hour' })).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Escape');
  await expect(snoozeMenu).toBeHidden();
  await expect(item(later).getByRole('button', { name: 'Snooze' })).toBeFocused();
  await press(later, 'Snooze');
  await snoozeMenu.getByRole('button', { name: 'Tomorrow' }).click();
  await expect(item(later)).toBeHidden();

  await press(chosen, 'Snooze');
  const field = snoozeMenu.getByLabel('Another time');
  await field.fill('2020-01-01T10:00');
  await field.press('Enter');
  await expect(snoozeMenu.getByRole('alert')).toHaveText('Choose a time within the next 365 days.');
  const inTwoDays = new Date(Date.now() + 2 * 86_400_000);
  await field.fill(`${inTwoDays.toISOString().slice(0, 10)}T12:00`);
  await snoozeMenu.getByRole('button', { name: 'Snooze', exact: true }).click();
  await expect(region.getByText('Nothing is waiting')).toBeVisible();
  await bell(page).showsUnread(0);

  await view('Snoozed').click();
  await expect(item(later)).toContainText('returns');
  await expect(item(chosen)).toContainText('returns in 2 days');
  await press(later, 'Move to inbox');
  await press(chosen, 'Move to inbox');
  await expect(region.getByText('Nothing snoozed')).toBeVisible();
  await bell(page).showsUnread(2);
});

test('what is seen stands in the address: links, Back and loading it again lead to the same', async ({
  admin,
  signIn,
}) => {
  const { page } = await signIn(ADA);
  await admin.sendTo(ADA, { title: 'Disk full', priority: 'CRITICAL' });
  await admin.sendTo(ADA, { title: 'Disk replaced' });
  await admin.sendTo(ADA, { title: 'Lunch', message: 'A disk of cheese.' });
  await page.goto('/inbox');
  const { region, view, items, item, search } = inbox(page);
  await expect(items).toHaveCount(3);
  await view('Unread').click();
  await expect(page).toHaveURL(/\/inbox\?view=unread$/);
  await search.pressSequentially('disk');
  await expect(page).toHaveURL(/\?view=unread&q=disk$/);
  await search.pressSequentially(' re');
  await expect(page).toHaveURL(/\?view=unread&q=disk\+re$/);
  await expect(items).toHaveCount(1);
  await expect(item('Disk replaced')).toBeVisible();
  await page.reload();
  await expect(search).toHaveValue('disk re');
  await expect(items).toHaveCount(1);

  // What was typed letter by letter is one step.
  await page.goBack();
  await expect(page).toHaveURL(/\/inbox$/);
  await expect(search).toHaveValue('');
  await expect(items).toHaveCount(3);

  await region.getByRole('combobox', { name: 'Priority' }).selectOption('High and critical');
  await expect(page).toHaveURL(/\?priority=HIGH,CRITICAL$/);
  await expect(items).toHaveCount(1);
  await admin.sendTo(ADA, { title: 'Not urgent' });
  await admin.sendTo(ADA, { title: 'Urgent', priority: 'HIGH' });
  await expect(item('Urgent')).toBeVisible();
  await expect(items).toHaveCount(2);
  await page.goto('/inbox?view=done&priority=LOW&q=nothing');
  await expect(region.getByText('Nothing matches')).toBeVisible();
  await region.getByRole('button', { name: 'Take the filters away' }).click();
  await expect(page).toHaveURL(/\/inbox\?view=done$/);
});

test('several are selected, also from one to another, done at once, and brought back at once', async ({
  admin,
  signIn,
}) => {
  const { page, openTab } = await signIn(ADA);
  const titles = ['Five', 'Four', 'Three', 'Two', 'One'].map(uniqueTitle);
  for (const title of titles.toReversed()) await admin.sendTo(ADA, { title });
  await page.goto('/inbox');
  const second = await openTab('/inbox');
  const { items, select, selection, undo, showsInOrder } = inbox(page);
  await select(titles[0] as string);
  await expect(selection.getByRole('status')).toHaveText('1 selected');
  await select(titles[2] as string, { modifiers: ['Shift'] });
  await expect(selection.getByRole('status')).toHaveText('3 selected');
  await selection.getByRole('button', { name: 'Mark as read' }).click();
  await bell(page).showsUnread(2);
  await expect(selection).toBeHidden();

  await select(titles[4] as string);
  await selection.getByRole('button', { name: 'Select all shown' }).click();
  await expect(selection.getByRole('status')).toHaveText('5 selected');
  await select(titles[3] as string);
  await selection.getByRole('button', { name: 'Dismiss' }).click();
  await expect(items).toHaveCount(1);
  await expect(page.getByText('4 done.')).toBeVisible();
  await expect(inbox(second).items).toHaveCount(1, EVERYWHERE_WITHIN);
  await undo.click();
  await showsInOrder(titles);
  await expect(inbox(second).items).toHaveCount(5, EVERYWHERE_WITHIN);
  // The reading before is offered now.
  await undo.click();
  await bell(page).showsUnread(5);
});

test('all is cleared and taken back, at once or later from what is done', async ({ admin, signIn }) => {
  const { page } = await signIn(ADA);
  const titles = ['Two', 'One'].map(uniqueTitle);
  for (const title of titles.toReversed()) await admin.sendTo(ADA, { title });
  await page.goto('/inbox');
  const { region, items, undo, view, showsInOrder } = inbox(page);
  await region.getByRole('button', { name: 'Clear all' }).click();
  await expect(page.getByText('All done: 2.')).toBeVisible();
  await undo.click();
  await showsInOrder(titles);

  await region.getByRole('button', { name: 'Clear all' }).click();
  await expect(region.getByText('Nothing is waiting')).toBeVisible();
  await page.reload();
  await view('Done').click();
  await expect(region.getByText(/^Everything up to .+ was marked as done\.$/)).toBeVisible();
  await undo.click();
  await view('Inbox').click();
  await expect(items).toHaveCount(2);
  await bell(page).showsUnread(2);
});

test('whoever reads further down stays there while others come and go above, and is told how many came', async ({
  admin,
  server,
  signIn,
}) => {
  repeat(server.databaseFile, await admin.sendTo(ADA, { title: 'Number 1' }), 300);
  const { http, page } = await signIn(ADA, { path: '/inbox' });
  const { region, items } = inbox(page);
  await expect(items.first()).toBeVisible();
  // Each scroll brings more by itself.
  await expect(async () => {
    await page.evaluate(() => window.scrollBy(0, 2_000));
    await expect(page.getByRole('heading', { name: 'Number 180', exact: true })).toBeInViewport({
      timeout: 200,
    });
  }).toPass({ timeout: 20_000 });
  expect(await items.count()).toBeLessThan(40);
  await settled(page);
  const before = await placeOf(page, 'Number 180');
  for (const n of [1, 2, 3]) await admin.sendTo(ADA, { title: `New ${n}` });
  const up = region.getByRole('button', { name: '3 new' });
  await expect(up).toBeVisible();
  const above = await idsOf(server.databaseFile, ['Number 290', 'Number 250', 'Number 200']);
  await http.post('/notifications/dismiss', { ids: above });
  await bell(page).showsUnread(300);
  expect(Math.abs((await placeOf(page, 'Number 180')) - before)).toBeLessThanOrEqual(1);
  await up.click();
  await expect(page.getByRole('heading', { name: 'New 3' })).toBeInViewport();
  await expect(up).toBeHidden();
});

test('on a phone the buttons of a row stand in one line, and are there without a pointer', async ({
  admin,
  signIn,
}) => {
  const { page } = await signIn(ADA, {
    viewport: { width: 380, height: 760 },
    hasTouch: true,
    isMobile: true,
  });
  const title = uniqueTitle('Small');
  await admin.sendTo(ADA, { title, priority: 'HIGH', link: '/admin', expiresIn: 3_600 });
  await page.goto('/inbox');
  const { item } = inbox(page);
  const boxes = await Promise.all(
    ['Mark as read', 'Snooze', 'Dismiss'].map(async (name) => {
      const button = item(title).getByRole('button', { name });
      await expect(button).toHaveCSS('opacity', '1');
      return button.boundingBox();
    }),
  );
  expect(new Set(boxes.map((box) => box?.y)).size).toBe(1);
  for (const box of boxes) expect(box?.height).toBeGreaterThanOrEqual(40);
});

test('whoever is not signed in is sent to sign in first', async ({ expectErrors, openBrowser }) => {
  expectErrors(/status of 401/);
  const page = await (await openBrowser()).newPage();
  await page.goto('/inbox');
  await expect(
    page.getByText('This page is for people who are signed in').or(page.getByLabel('Email')),
  ).toBeVisible();
});

function idsOf(databaseFile: string, titles: readonly string[]): number[] {
  const database = new Database(databaseFile, { readonly: true });
  const find = database.prepare(
    `SELECT id FROM belfry_event WHERE json_extract(payload, '$.title') = ? ORDER BY id DESC LIMIT 1`,
  );
  const ids = titles.map((title) => (find.get(title) as { id: number }).id);
  database.close();
  return ids;
}

/** How far below the top of the screen it stands. */
async function placeOf(page: Page, title: string): Promise<number> {
  const box = await page.getByRole('heading', { name: title, exact: true }).boundingBox();
  return box?.y ?? Number.NaN;
}

/** Until what came into view is measured. */
async function settled(page: Page): Promise<void> {
  let last = -1;
  await expect(async () => {
    const now = await page.evaluate(() => document.documentElement.scrollHeight);
    const isSame = now === last;
    last = now;
    expect(isSame).toBe(true);
  }).toPass({ intervals: [300] });
}
