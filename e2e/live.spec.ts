/** What arrives while somebody is looking. */
import type { Page } from '@playwright/test';
import {
  ADA,
  ADMIN,
  BEN,
  bell,
  connection,
  expect,
  sendToEveryone,
  test,
  toasts,
  uniqueTitle,
} from './fixtures.ts';

test('a notification from the admin form reaches two people at once, as a toast and in the badge', async ({
  signIn,
}) => {
  const ada = await signIn(ADA);
  const ben = await signIn(BEN);
  const { page } = await signIn(ADMIN, { path: '/admin' });
  const title = uniqueTitle('Maintenance tonight');

  await page.getByRole('button', { name: 'Refresh' }).click();
  await expect(page.getByText(/^You and 2 others are online/)).toBeVisible();
  await page.getByLabel('Title').fill(title);
  await page.getByLabel('Message').fill('We restart at 23:00.\nIt takes a minute.');
  await page.getByLabel('Priority').selectOption('HIGH');
  await sendToEveryone(page);

  for (const person of [ada, ben]) {
    const toast = toasts(person.page, title);
    await expect(toast).toBeVisible();
    await expect(toast).toContainText('It takes a minute.');
    await bell(person.page).showsUnread(1);
    await bell(person.page).open();
    await expect(bell(person.page).item(title)).toContainText('just now');
  }
  await expect(page.getByText(`“${title}” was sent to everyone.`)).toBeVisible();
  await expect(page.getByLabel('Title')).toHaveValue('');
  await expect(page.getByRole('row').filter({ hasText: title })).toContainText('by Quinn Bellamy');
});

test('a server action shows its progress live and notifies the person who started it, and nobody else', async ({
  signIn,
}) => {
  const ada = await signIn(ADA);
  const phone = await signIn(ADA);
  const ben = await signIn(BEN);
  await bell(phone.page).open();
  await bell(ben.page).open();
  const inPanelOf = ({ page }: { page: Page }) =>
    page.getByRole('progressbar', { name: 'Building your report' });

  await ada.page.getByRole('button', { name: 'Build my report' }).click();
  await expect(ada.page.getByRole('progressbar', { name: 'Gathering the figures' })).toBeVisible();
  await expect(ada.page.getByText('3 of 5')).toBeVisible();
  await expect(inPanelOf(phone)).toHaveAttribute('aria-valuetext', /^[68]0%$/);
  await expect(inPanelOf(ben)).toHaveCount(0);
  await expect(ada.page.getByRole('progressbar', { name: 'Binding it all' })).toBeVisible();

  await expect(toasts(ada.page, 'Your report is ready')).toBeVisible({ timeout: 10_000 });
  await expect(ada.page.getByText('Finished.')).toBeVisible();
  await bell(ada.page).showsUnread(1);
  await expect(bell(phone.page).item('Your report is ready')).toBeVisible();
  await expect(inPanelOf(phone)).toHaveCount(0);
  await bell(ben.page).showsUnread(0);
  await expect(toasts(ben.page)).toHaveCount(0);
});

test('a report that was started before every tab closed is waiting for the one who comes back', {
  tag: '@long',
}, async ({ signIn }) => {
  const ada = await signIn(ADA);
  await ada.page.getByRole('button', { name: 'Build my report' }).click();
  await expect(ada.page.getByRole('progressbar', { name: 'Gathering the figures' })).toBeVisible();
  await ada.page.close();

  const page = await ada.openTab();
  await bell(page).showsUnread(1, { timeout: 10_000 });
  await bell(page).open();
  await expect(bell(page).item('Your report is ready')).toBeVisible();
});

test('low and normal notifications speak politely, high and critical ones at once', async ({
  admin,
  signIn,
}) => {
  const { page } = await signIn(ADA);
  for (const [priority, role] of [
    ['LOW', 'status'],
    ['NORMAL', 'status'],
    ['HIGH', 'alert'],
    ['CRITICAL', 'alert'],
  ] as const) {
    const title = uniqueTitle(priority);
    await admin.sendNotice({ title, priority });
    const toast = page.getByRole(role).filter({ hasText: title });
    await expect(toast).toBeVisible();
    await toast.getByRole('button', { name: 'Close' }).click();
    await expect(toast).toBeHidden();
  }
});

test('a critical toast stays until it is closed, the others go by themselves, and none of them takes its notification along', async ({
  admin,
  signIn,
}) => {
  // The pointer over a toast would keep it.
  const { page } = await signIn(ADA);
  const critical = uniqueTitle('The roof is open');
  const low = uniqueTitle('Tea is ready');
  await admin.sendNotice({ title: critical, priority: 'CRITICAL' });
  await admin.sendNotice({ title: low, priority: 'LOW' });

  await expect(toasts(page, low)).toBeVisible();
  await expect(toasts(page, low)).toBeHidden({ timeout: 10_000 });
  await expect(toasts(page, critical)).toBeVisible();

  await toasts(page, critical).getByRole('button', { name: 'Close' }).click();
  await expect(toasts(page, critical)).toBeHidden();
  await bell(page).showsUnread(2);
});

test('one notification makes one toast in a browser with three tabs', async ({ admin, signIn }) => {
  const ada = await signIn(ADA);
  const tabs = [ada.page, await ada.openTab(), await ada.openTab()];
  for (const tab of tabs) await bell(tab).showsUnread(0);
  const title = uniqueTitle('Only once');
  await admin.sendNotice({ title, priority: 'CRITICAL' });

  for (const tab of tabs) await bell(tab).showsUnread(1);
  // What was sent later has arrived everywhere, so that no second toast is still on its way.
  const later = uniqueTitle('And this one');
  await admin.sendNotice({ title: later, priority: 'CRITICAL' });
  for (const tab of tabs) await bell(tab).showsUnread(2);
  const shown = await Promise.all(tabs.map((tab) => toasts(tab, title).count()));
  expect(shown.toSorted()).toEqual([0, 0, 1]);
});

test('the toast of a notification that is dismissed on another device goes away with it', async ({
  admin,
  signIn,
}) => {
  const laptop = (await signIn(ADA)).page;
  const phone = (await signIn(ADA)).page;
  const title = uniqueTitle('Gone everywhere');
  await admin.sendNotice({ title, priority: 'CRITICAL' });
  await expect(toasts(laptop, title)).toBeVisible();
  await expect(toasts(phone, title)).toBeVisible();

  await bell(phone).open();
  await bell(phone).dismiss(title);
  await expect(toasts(phone, title)).toBeHidden();
  await expect(toasts(laptop, title)).toBeHidden();
});

test('the toast of a notification that expires goes away with it', { tag: '@long' }, async ({
  admin,
  signIn,
}) => {
  const { page } = await signIn(ADA);
  const title = uniqueTitle('For three seconds');
  await admin.sendNotice({ title, priority: 'CRITICAL', expiresIn: 3 });
  await expect(toasts(page, title)).toBeVisible();
  await expect(toasts(page, title)).toBeHidden({ timeout: 10_000 });
  await bell(page).showsUnread(0);
});

test('a computer whose clock is three hours fast shows when a notice came all the same', {
  tag: '@long',
}, async ({ admin, signIn }) => {
  const { context, page } = await signIn(ADA);
  await context.addInitScript(() => {
    const now = Date.now;
    Date.now = () => now() + 3 * 60 * 60_000;
  });
  await page.reload();
  await expect(connection(page)).toHaveText('Live');
  const title = uniqueTitle('Just now');
  await admin.sendNotice({ title, expiresIn: 3_600 });
  await bell(page).showsUnread(1);
  await bell(page).open();
  await expect(bell(page).item(title)).toContainText('just now');
  await expect(bell(page).item(title)).toContainText(/expires in (59|60) minutes|expires in 1 hour/);
});

test('in the oldest browsers that Next.js supports, a notice with a link arrives, and more come with a summary', {
  tag: '@long',
}, async ({ admin, signIn }) => {
  const { context, page } = await signIn(ADA);
  // What Chrome 111, Firefox 111 or Safari 16.4 do not have.
  await context.addInitScript(() => {
    for (const name of ['parse', 'canParse']) Reflect.deleteProperty(URL, name);
    for (const name of ['toSorted', 'toReversed', 'toSpliced', 'with']) {
      Reflect.deleteProperty(Array.prototype, name);
    }
    for (const name of ['withResolvers', 'try']) Reflect.deleteProperty(Promise, name);
    for (const name of ['groupBy', 'fromAsync']) {
      Reflect.deleteProperty(Object, name);
      Reflect.deleteProperty(Map, name);
      Reflect.deleteProperty(Array, name);
    }
    Reflect.deleteProperty(AbortSignal, 'any');
    Reflect.deleteProperty(window, 'Iterator');
  });
  await page.reload();
  await expect(connection(page)).toHaveText('Live');
  const title = uniqueTitle('With a link');
  await admin.sendTo(ADA, { title, priority: 'CRITICAL', link: 'https://status.example.com/47' });
  await expect(toasts(page, title).getByRole('link', { name: 'status.example.com' })).toBeVisible();
  await Promise.all([1, 2, 3, 4, 5].map((n) => admin.sendTo(ADA, { title: `Number ${n}` })));
  await bell(page).showsUnread(6);
  await expect(toasts(page).filter({ hasText: 'more notification' })).toBeVisible();
});
