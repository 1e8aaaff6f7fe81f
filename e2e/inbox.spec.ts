/** The page with all notifications, in its four views. */
import type { Page } from '@playwright/test';
import { ADA, bell, expect, test, uniqueTitle } from './fixtures.ts';

function inbox(page: Page) {
  const region = page.getByRole('region', { name: 'Your notifications' });
  return {
    region,
    view: (name: string) => region.getByRole('button', { name, exact: true }),
    item: (title: string) => region.getByRole('article').filter({ hasText: title }),
    press: (title: string, name: string) =>
      region.getByRole('article').filter({ hasText: title }).getByRole('button', { name }).click(),
  };
}

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
});

test('what is dismissed is among what is done, and can be restored', async ({ admin, signIn }) => {
  const { page } = await signIn(ADA);
  const title = uniqueTitle('There and back');
  await admin.sendTo(ADA, { title });
  await page.goto('/inbox');
  const { region, view, item, press } = inbox(page);
  await press(title, 'Dismiss');
  await expect(region.getByText('Nothing is waiting')).toBeVisible();
  await view('Done').click();
  await expect(view('Done')).toHaveAttribute('aria-pressed', 'true');
  await press(title, 'Restore');
  await expect(item(title)).toBeHidden();
  await view('Inbox').click();
  await expect(item(title)).toBeVisible();
  await bell(page).showsUnread(1);
});

test('what is read leaves what is unread, and stays in the inbox', async ({ admin, signIn }) => {
  const { page } = await signIn(ADA);
  const [first, second] = [uniqueTitle('First'), uniqueTitle('Second')];
  await admin.sendTo(ADA, { title: first });
  await admin.sendTo(ADA, { title: second });
  await page.goto('/inbox');
  const { region, view, item, press } = inbox(page);
  await view('Unread').click();
  await item(first).getByRole('button', { name: 'Mark as read' }).press('Enter');
  await expect(item(first)).toBeHidden();
  // Whoever works by keyboard goes on with the next.
  await expect(item(second).getByRole('button', { name: 'Dismiss' })).toBeFocused();
  await bell(page).showsUnread(1);
  await press(second, 'Mark as read');
  await expect(region.getByText('Nothing unread')).toBeVisible();
  await view('Inbox').click();
  await press(first, 'Mark as unread');
  await bell(page).showsUnread(1);
});

test('what was put off is among what is snoozed, and says when it returns', async ({ admin, signIn }) => {
  const { http, page } = await signIn(ADA);
  const title = uniqueTitle('Later');
  const id = await admin.sendTo(ADA, { title });
  await page.goto('/inbox');
  const { region, view, item, press } = inbox(page);
  await view('Snoozed').click();
  await expect(region.getByText('Nothing snoozed')).toBeVisible();
  await http.post('/notifications/snooze', {
    ids: [id],
    until: new Date(Date.now() + 7_500_000).toISOString(),
  });
  await expect(item(title).getByText('in 2 hours')).toBeVisible();
  await press(title, 'Restore');
  await expect(region.getByText('Nothing snoozed')).toBeVisible();
});

test('whoever is not signed in is sent to sign in first', async ({ expectErrors, openBrowser }) => {
  expectErrors(/status of 401/);
  const page = await (await openBrowser()).newPage();
  await page.goto('/inbox');
  await expect(
    page.getByText('This page is for people who are signed in').or(page.getByLabel('Email')),
  ).toBeVisible();
});
