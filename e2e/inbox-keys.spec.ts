/** The inbox by keyboard alone. */
import type { Page } from '@playwright/test';
import { ADA, bell, expect, test, uniqueTitle } from './fixtures.ts';
import { inbox } from './inbox-view.ts';

const TITLES = ['Third', 'Second', 'First'];

test.beforeEach(async ({ admin }) => {
  for (const title of TITLES.toReversed()) await admin.sendTo(ADA, { title });
});

async function pressAll(page: Page, ...keys: string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}

test('j and k lead from row to row, and say where; what goes hands the focus on', async ({ signIn }) => {
  const { page } = await signIn(ADA, { path: '/inbox' });
  const { item, items, opener, region, showsInOrder } = inbox(page);
  await showsInOrder(TITLES);
  await pressAll(page, 'j');
  await expect(opener('Third')).toBeFocused();
  await expect(region.getByText('1 of 3')).toBeVisible();
  await pressAll(page, 'j', 'j', 'j');
  await expect(opener('First')).toBeFocused();
  await pressAll(page, 'k');
  await expect(opener('Second')).toBeFocused();
  await expect(region.getByText('2 of 3')).toBeVisible();

  await pressAll(page, 'e');
  await expect(item('Second')).toBeHidden();
  await expect(opener('First')).toBeFocused();
  await pressAll(page, 'e');
  await expect(opener('Third')).toBeFocused();
  await pressAll(page, 'z');
  await showsInOrder(['Third', 'First']);
  await pressAll(page, 'z');
  await showsInOrder(TITLES);
  await expect(opener('Third')).toBeFocused();
  await pressAll(page, 'Shift+A');
  await expect(items).toHaveCount(0);
  await expect(region).toBeFocused();
  await pressAll(page, 'z');
  await showsInOrder(TITLES);
});

test('r and u read and unread, Enter opens, s puts off, and the focus stays where it was', async ({
  admin,
  signIn,
}) => {
  await admin.sendTo(ADA, { title: 'Linked', link: '/settings/account' });
  const { page } = await signIn(ADA, { path: '/inbox' });
  const { item, opener, snoozeMenu } = inbox(page);
  const { showsUnread } = bell(page);
  await expect(item('Linked')).toBeVisible();
  await pressAll(page, 'j', 'r');
  await showsUnread(3);
  await expect(opener('Linked')).toBeFocused();
  await pressAll(page, 'r');
  await showsUnread(3);
  await pressAll(page, 'u');
  await showsUnread(4);
  await pressAll(page, 'j', 's');
  await expect(snoozeMenu.getByRole('button', { name: 'In an hour' })).toBeFocused();
  await pressAll(page, 'e', 'Escape');
  await expect(snoozeMenu).toBeHidden();
  await expect(item('Third').getByRole('button', { name: 'Snooze' })).toBeFocused();
  await pressAll(page, 's', 'Enter');
  await expect(item('Third')).toBeHidden();
  await expect(opener('Second')).toBeFocused();
  await pressAll(page, 'z');
  await expect(item('Third')).toBeVisible();
  await pressAll(page, 'k', 'k', 'Enter');
  await expect(page).toHaveURL(/\/settings\/account$/);
  await showsUnread(3);
});

test('x selects, and what is pressed then is done to all that is selected; Escape lets go', async ({
  signIn,
}) => {
  const { page } = await signIn(ADA, { path: '/inbox' });
  const { selection, showsInOrder } = inbox(page);
  await showsInOrder(TITLES);
  await pressAll(page, 'j', 'x', 'j', 'x');
  await expect(selection.getByRole('status')).toHaveText('2 selected');
  await pressAll(page, 'Escape');
  await expect(selection).toBeHidden();
  await pressAll(page, 'x', 'k', 'x', 'r');
  await bell(page).showsUnread(1);
  await pressAll(page, 'x', 'j', 'x', 'e');
  await showsInOrder(['First']);
  await expect(page.getByText('2 done.')).toBeVisible();
  await pressAll(page, 'z');
  await showsInOrder(TITLES);
});

test('in what is done, e moves back to the inbox', async ({ admin, signIn }) => {
  const title = uniqueTitle('There and back');
  await admin.sendTo(ADA, { title });
  const { page } = await signIn(ADA, { path: '/inbox' });
  const { item, opener, view, showsInOrder } = inbox(page);
  await expect(item(title)).toBeVisible();
  await pressAll(page, 'j', 'e');
  await expect(item(title)).toBeHidden();
  await view('Done').click();
  await expect(item(title)).toBeVisible();
  await pressAll(page, 'j');
  await expect(opener(title)).toBeFocused();
  await pressAll(page, 'e');
  await expect(item(title)).toBeHidden();
  await view('Inbox').click();
  await showsInOrder([title, ...TITLES]);
});

test('/ leads to the search, where letters are letters, and Escape leads out of it', async ({ signIn }) => {
  const { page } = await signIn(ADA, { path: '/inbox' });
  const { items, opener, search, showsInOrder } = inbox(page);
  await showsInOrder(TITLES);
  await pressAll(page, '/');
  await expect(search).toBeFocused();
  await page.keyboard.type('rejuz?');
  await expect(search).toHaveValue('rejuz?');
  await expect(items).toHaveCount(0);
  await pressAll(page, 'Escape');
  await expect(search).toHaveValue('');
  await showsInOrder(TITLES);
  await pressAll(page, 'j');
  await expect(opener('Third')).toBeFocused();
});

test('? shows all keys, in front of which none of them does anything; nor does one with Ctrl', async ({
  signIn,
}) => {
  const { page } = await signIn(ADA, { path: '/inbox' });
  const { opener, showsInOrder } = inbox(page);
  await showsInOrder(TITLES);
  await pressAll(page, 'j', '?');
  const keys = page.getByRole('dialog', { name: 'Keyboard' });
  await expect(keys.getByText('Go to the inbox')).toBeVisible();
  await pressAll(page, 'e', 'Shift+A', 'g', 'h');
  await pressAll(page, 'Escape');
  await expect(keys).toBeHidden();
  await expect(opener('Third')).toBeFocused();
  await pressAll(page, 'Control+e', 'Alt+e');
  await showsInOrder(TITLES);
  await expect(page).toHaveURL(/\/inbox$/);
});

test('g and a letter lead from any page to another', async ({ signIn }) => {
  const { page } = await signIn(ADA);
  await pressAll(page, 'g', 'i');
  await expect(page).toHaveURL(/\/inbox$/);
  await expect(inbox(page).items).toHaveCount(3);
  await pressAll(page, 'g', 'h');
  await expect(page.getByRole('heading', { name: 'Hello, Ada.' })).toBeVisible();
  // Elsewhere the keys of a list are nobody's.
  await pressAll(page, 'Shift+A', 'e');
  await bell(page).showsUnread(3);
});

test('what is dismissed elsewhere while it has the focus hands it on to what takes its place', async ({
  admin,
  signIn,
}) => {
  const title = uniqueTitle('Elsewhere');
  const id = await admin.sendTo(ADA, { title });
  const { http, page } = await signIn(ADA, { path: '/inbox' });
  const { item, opener } = inbox(page);
  await expect(item(title)).toBeVisible();
  await pressAll(page, 'j');
  await expect(opener(title)).toBeFocused();
  await http.post('/notifications/dismiss', { ids: [id] });
  await expect(item(title)).toBeHidden();
  await expect(opener('Third')).toBeFocused();
});

test('in the panel the keys work while the focus is in it, and what was done is taken back there', async ({
  signIn,
}) => {
  const { page } = await signIn(ADA);
  const { item, items, open, panel, showsUnread } = bell(page);
  await showsUnread(3);
  await open();
  await expect(items).toHaveCount(3);
  await pressAll(page, 'j', 'j', 'e');
  await expect(item('Second')).toBeHidden();
  await expect(item('First').locator('[data-open]')).toBeFocused();
  await expect(panel.getByText('1 done.')).toBeVisible();
  await pressAll(page, 'z');
  await expect(items).toHaveCount(3);
  await pressAll(page, 'r');
  await showsUnread(2);
  await pressAll(page, 's', 'Escape');
  await expect(panel).toBeVisible();
  await pressAll(page, 'Escape');
  await expect(panel).toBeHidden();
});
