/** The same truth in every tab, on every device, and for everybody. */
import { startHoldingProxy } from '../test/support/holding-proxy.ts';
import {
  ADA,
  BEN,
  bell,
  EVERYWHERE_WITHIN,
  expect,
  NETWORK_IS_GONE,
  test,
  toasts,
  uniqueTitle,
} from './fixtures.ts';

test('what is dismissed or cleared in one tab is gone in the other', { tag: '@long' }, async ({
  admin,
  signIn,
}) => {
  const ada = await signIn(ADA);
  const first = bell(ada.page);
  const secondTab = await ada.openTab();
  const second = bell(secondTab);
  const titles = [uniqueTitle('One'), uniqueTitle('Two'), uniqueTitle('Three')];
  for (const title of titles) await admin.sendTo(ADA, { title });
  await second.showsUnread(3);

  await first.open();
  await second.open();
  await first.dismiss(titles[1] ?? '');
  await expect(second.item(titles[1] ?? '')).toBeHidden(EVERYWHERE_WITHIN);
  await second.showsUnread(2, EVERYWHERE_WITHIN);
  await expect(second.item(titles[0] ?? '')).toBeVisible();

  await second.clearAll();
  await first.showsUnread(0, EVERYWHERE_WITHIN);
  await expect(first.panel.getByText('Nothing is waiting')).toBeVisible(EVERYWHERE_WITHIN);
});

test('what came and was not on the screen yet when somebody pressed "Clear all" stays', async ({
  admin,
  expectErrors,
  server,
  signIn,
}) => {
  expectErrors(NETWORK_IS_GONE);
  const proxy = await startHoldingProxy(server.url);
  try {
    const { page } = await signIn(ADA, { baseURL: proxy.url });
    const { item, items, open, clearAll, showsUnread } = bell(page);
    const seen = uniqueTitle('On the screen');
    await admin.sendTo(ADA, { title: seen });
    await open();
    await expect(item(seen)).toBeVisible();
    proxy.hold();
    const unseen = uniqueTitle('On the way');
    await admin.sendTo(ADA, { title: unseen, priority: 'CRITICAL' });
    await clearAll();
    await expect(item(seen)).toBeHidden();
    // The answer tells of it; the stream says nothing.
    await expect(item(unseen)).toBeVisible();
    await showsUnread(1);
    await expect(items).toHaveCount(1);
  } finally {
    await proxy.close();
  }
});

test('what is dismissed or cleared on one device is gone on the other', async ({ admin, signIn }) => {
  const laptop = bell((await signIn(ADA)).page);
  const phone = bell((await signIn(ADA, { viewport: { width: 380, height: 760 } })).page);
  const titles = [uniqueTitle('One'), uniqueTitle('Two'), uniqueTitle('Three')];
  for (const title of titles) await admin.sendTo(ADA, { title });
  await laptop.showsUnread(3);
  await phone.showsUnread(3);

  await phone.open();
  await laptop.open();
  await phone.dismiss(titles[0] ?? '');
  await expect(laptop.item(titles[0] ?? '')).toBeHidden(EVERYWHERE_WITHIN);
  await laptop.showsUnread(2, EVERYWHERE_WITHIN);

  await laptop.clearAll();
  await phone.showsUnread(0, EVERYWHERE_WITHIN);
  await expect(phone.items).toHaveCount(0, EVERYWHERE_WITHIN);
});

test('a notice to everyone that one person dismissed stays for the other, also after a reload', async ({
  admin,
  signIn,
}) => {
  const ada = await signIn(ADA);
  const ben = await signIn(BEN);
  const title = uniqueTitle('For both');
  await admin.sendNotice({ title });
  await bell(ben.page).showsUnread(1);
  await bell(ada.page).showsUnread(1);
  await bell(ada.page).open();
  const answered = ada.page.waitForResponse('**/notifications/dismiss?*');
  await bell(ada.page).dismiss(title);
  expect((await answered).ok()).toBe(true);

  await ada.page.reload();
  await ben.page.reload();
  await bell(ada.page).showsUnread(0);
  await bell(ben.page).showsUnread(1);
  await bell(ben.page).open();
  await expect(bell(ben.page).item(title)).toBeVisible();
});

test('somebody whose account is made later sees the notice that still stands, and not the one that has expired', {
  tag: '@long',
}, async ({ admin, makeAccount, signIn }) => {
  const standing = uniqueTitle('It still stands');
  const expired = uniqueTitle('It is over');
  await admin.sendNotice({ title: expired, expiresIn: 0.2 });
  await admin.sendNotice({ title: standing });

  const account = await makeAccount('Cora Newman');
  const { page } = await signIn(account.email, { password: account.password });
  await bell(page).open();
  await expect(bell(page).item(standing)).toBeVisible();
  await expect(bell(page).item(expired)).toHaveCount(0);
});

test('a notice that expires while it is shown goes away, and the badge with it', async ({
  admin,
  signIn,
}) => {
  const { page } = await signIn(ADA);
  const short = uniqueTitle('Two seconds');
  const long = uniqueTitle('For long');
  await admin.sendNotice({ title: long });
  await admin.sendNotice({ title: short, expiresIn: 3 });
  await bell(page).showsUnread(2);
  await bell(page).open();
  await expect(bell(page).item(short)).toContainText('expires');

  await expect(bell(page).item(short)).toBeHidden({ timeout: 5_000 });
  await bell(page).showsUnread(1);
  await expect(bell(page).item(long)).toBeVisible();
});

test('an expired notice never shows: not as a toast, not in the list, not in the badge', {
  tag: '@long',
}, async ({ admin, signIn }) => {
  const expired = uniqueTitle('Too late');
  await admin.sendNotice({ title: expired, expiresIn: 0.001 });
  const { page } = await signIn(ADA);
  await bell(page).showsUnread(0);
  const standing = uniqueTitle('In time');
  await admin.sendNotice({ title: standing });
  await expect(toasts(page, standing)).toBeVisible();
  await bell(page).showsUnread(1);
  await expect(toasts(page, expired)).toHaveCount(0);
  await bell(page).open();
  await expect(bell(page).items).toHaveCount(1);
});

test('older notifications come page by page, and the badge counts them all from the start', {
  tag: '@long',
}, async ({ admin, signIn }) => {
  for (let n = 1; n <= 120; n++) await admin.sendTo(ADA, { title: `Number ${n} of 120` });
  const { page } = await signIn(ADA);
  const { item, panel, scrollTo, showsUnread, open } = bell(page);
  await showsUnread(120);
  await open();
  await expect(item('Number 120 of 120')).toBeVisible();
  await panel.getByRole('button', { name: 'Load older' }).click();
  await expect(panel.getByRole('button', { name: /older/ })).toBeHidden();
  await scrollTo('end');
  await expect(item('Number 1 of 120')).toBeInViewport();
  const last = panel.getByRole('listitem').last();
  await expect(last).toHaveAttribute('aria-posinset', '120');
  await expect(last).toHaveAttribute('aria-setsize', '120');
});
