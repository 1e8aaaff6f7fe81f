/** What is missed is caught up with: once, all of it, and without a storm of toasts. */
import type { BrowserContext } from '@playwright/test';
import { startHoldingProxy } from '../test/support/holding-proxy.ts';
import { ADA, bell, connection, expect, NETWORK_IS_GONE, test, toasts, uniqueTitle } from './fixtures.ts';

// The first retries come after 1, 2 and 4 seconds.
const BACK_WITHIN = { timeout: 15_000 };
const POLL_EVERY_MS = 20_000;
// The longest pause before the next try.
const LONGEST_PAUSE_MS = 30_000;
// Three heartbeats, and the next look at how long ago the last one came.
const NOTICES_SILENCE_AFTER_MS = 51_000;
// The interval of polling, and the answer.
const ONE_POLL = { timeout: 25_000 };

const blockStream = (context: BrowserContext) => context.route('**/sse/**', (route) => route.abort());
const unblockStream = (context: BrowserContext) => context.unroute('**/sse/**');

test('somebody who was offline says so, and gets what they missed, once', async ({
  admin,
  expectErrors,
  signIn,
}) => {
  expectErrors(NETWORK_IS_GONE);
  const ada = await signIn(ADA);
  const { item, items, open, showsUnread } = bell(ada.page);
  const before = uniqueTitle('Before');
  await admin.sendNotice({ title: before });
  await showsUnread(1);
  await toasts(ada.page, before).getByRole('button', { name: 'Close' }).click();

  await ada.context.setOffline(true);
  await expect(connection(ada.page)).toHaveText('Offline', BACK_WITHIN);
  const missed = [1, 2, 3, 4, 5].map((n) => uniqueTitle(`Missed ${n}`));
  for (const title of missed) await admin.sendNotice({ title, priority: 'CRITICAL' });
  await showsUnread(1);

  await ada.context.setOffline(false);
  await showsUnread(6, BACK_WITHIN);
  await expect(connection(ada.page)).toHaveText('Live', BACK_WITHIN);
  // Two of the five and a summary; the one from before is not news again.
  await expect(toasts(ada.page).filter({ hasText: '3 more notifications' })).toBeVisible();
  await expect(toasts(ada.page).filter({ hasText: 'Missed' })).toHaveCount(2);
  await open();
  for (const title of [before, ...missed]) await expect(item(title)).toHaveCount(1);
  await expect(items).toHaveCount(6);
});

test('a dismissal that cannot be sent comes back, and the page goes on saying that it is offline', {
  tag: '@long',
}, async ({ admin, expectErrors, signIn }) => {
  expectErrors(NETWORK_IS_GONE);
  const ada = await signIn(ADA);
  const title = uniqueTitle('Cannot be dismissed');
  await admin.sendNotice({ title });
  await bell(ada.page).open();
  await expect(bell(ada.page).item(title)).toBeVisible();
  await ada.context.setOffline(true);
  await expect(connection(ada.page)).toHaveText('Offline', BACK_WITHIN);
  await bell(ada.page).dismiss(title);
  await expect(bell(ada.page).panel.getByRole('alert')).toContainText('The server cannot be reached.');
  await expect(bell(ada.page).item(title)).toBeVisible();
  await expect(connection(ada.page)).toHaveText('Offline');
});

test('the toast of what was dismissed elsewhere meanwhile goes when somebody is back', {
  tag: '@long',
}, async ({ admin, expectErrors, signIn }) => {
  expectErrors(NETWORK_IS_GONE);
  const ada = await signIn(ADA);
  const [gone, left] = [uniqueTitle('Dismissed elsewhere'), uniqueTitle('Left alone')];
  const id = await admin.sendNotice({ title: gone, priority: 'CRITICAL' });
  await admin.sendNotice({ title: left, priority: 'CRITICAL' });
  await expect(toasts(ada.page)).toHaveCount(2);

  await ada.context.setOffline(true);
  await expect(connection(ada.page)).toHaveText('Offline', BACK_WITHIN);
  await ada.http.post('/notifications/dismiss', { ids: [id] });
  await ada.context.setOffline(false);
  await bell(ada.page).showsUnread(1, BACK_WITHIN);
  await expect(toasts(ada.page, gone)).toBeHidden();
  await expect(toasts(ada.page, left)).toBeVisible();
});

test('what was missed has its toast also when more urgent ones fill all that the stream begins with', {
  tag: '@long',
}, async ({ admin, expectErrors, signIn }) => {
  expectErrors(NETWORK_IS_GONE);
  for (let n = 1; n <= 100; n++) await admin.sendTo(ADA, { title: `Urgent ${n}`, priority: 'CRITICAL' });
  const ada = await signIn(ADA);
  await bell(ada.page).showsUnread(100);
  await ada.context.setOffline(true);
  await expect(connection(ada.page)).toHaveText('Offline', BACK_WITHIN);
  const title = uniqueTitle('Missed');
  await admin.sendTo(ADA, { title, priority: 'LOW' });

  await ada.context.setOffline(false);
  await bell(ada.page).showsUnread(101, BACK_WITHIN);
  await expect(toasts(ada.page, title)).toBeVisible();
  await expect(toasts(ada.page)).toHaveCount(1);
});

test('after 500 missed notices the badge says 500, and three toasts at most say so', {
  tag: '@long',
}, async ({ admin, expectErrors, signIn }) => {
  expectErrors(NETWORK_IS_GONE);
  const ada = await signIn(ADA);
  await bell(ada.page).showsUnread(0);
  await ada.context.setOffline(true);
  await expect(connection(ada.page)).toHaveText('Offline', BACK_WITHIN);
  for (let sent = 0; sent < 500; sent += 25) {
    await Promise.all(Array.from({ length: 25 }, () => admin.sendNotice({ title: 'One of 500' })));
  }

  await ada.context.setOffline(false);
  await bell(ada.page).showsUnread(500, BACK_WITHIN);
  const summary = toasts(ada.page).filter({ hasText: '498 more notifications' });
  await expect(summary).toBeVisible();
  expect(await toasts(ada.page).count()).toBeLessThanOrEqual(3);
  await summary.getByRole('button', { name: 'Show them' }).click();
  await expect(bell(ada.page).panel.getByText('500 unread')).toBeVisible();
  await expect(summary).toBeHidden();
});

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  test(`a server that was stopped with ${signal} and started again loses nothing and repeats nothing`, {
    tag: signal === 'SIGTERM' ? '@long' : [],
  }, async ({ admin, expectErrors, server, signIn }) => {
    expectErrors(NETWORK_IS_GONE);
    const ada = await signIn(ADA);
    const { item, items, open, close, showsUnread } = bell(ada.page);
    const before = uniqueTitle('Before the stop');
    await admin.sendNotice({ title: before });
    await showsUnread(1);

    const acknowledged = uniqueTitle('Just acknowledged');
    await admin.sendNotice({ title: acknowledged });
    const { milliseconds } = await server.stop(signal);
    expect(milliseconds).toBeLessThan(5_000);
    await expect(connection(ada.page)).toHaveText('Offline', BACK_WITHIN);
    await server.start();
    const after = uniqueTitle('After the start');
    await admin.sendNotice({ title: after, priority: 'CRITICAL' });

    await expect(connection(ada.page)).toHaveText('Live', ONE_POLL);
    await expect(toasts(ada.page, after)).toBeVisible();
    await showsUnread(3);
    await expect(toasts(ada.page, after)).toHaveCount(1);
    await open();
    for (const title of [before, acknowledged, after]) await expect(item(title)).toHaveCount(1);
    await expect(items).toHaveCount(3);
    await close();
    // Live again, not only caught up.
    const live = uniqueTitle('Live again');
    await admin.sendNotice({ title: live, priority: 'CRITICAL' });
    await expect(toasts(ada.page, live)).toBeVisible();
    await showsUnread(4);
  });
}

test('while no stream can be held the page says so, and notices come by polling', { tag: '@long' }, async ({
  admin,
  expectErrors,
  signIn,
}) => {
  expectErrors(NETWORK_IS_GONE);
  const { context, page } = await signIn(ADA);
  await blockStream(context);
  await page.reload();
  await expect(connection(page)).toHaveText('Checking every 20 s', BACK_WITHIN);
  await bell(page).open();
  await expect(bell(page).panel.getByText('The live connection is down.')).toBeVisible();

  const title = uniqueTitle('By polling');
  await admin.sendNotice({ title });
  await expect(bell(page).item(title)).toBeVisible(ONE_POLL);
  await expect(toasts(page, title)).toBeVisible();
  await bell(page).showsUnread(1);
  await expect(connection(page)).toHaveText('Checking every 20 s');
});

test('polling hands back to the stream when it can be held again', async ({
  admin,
  expectErrors,
  signIn,
}) => {
  expectErrors(NETWORK_IS_GONE);
  const ada = await signIn(ADA);
  await blockStream(ada.context);
  await ada.page.reload();
  await expect(connection(ada.page)).toHaveText('Checking every 20 s', BACK_WITHIN);
  const meanwhile = uniqueTitle('Meanwhile');
  await admin.sendNotice({ title: meanwhile, priority: 'CRITICAL' });

  await unblockStream(ada.context);
  await expect(connection(ada.page)).toHaveText('Live', BACK_WITHIN);
  await bell(ada.page).showsUnread(1);
  await expect(toasts(ada.page, meanwhile)).toHaveCount(1);
  const live = uniqueTitle('Live again');
  await admin.sendNotice({ title: live, priority: 'CRITICAL' });
  await expect(toasts(ada.page, live)).toBeVisible();
  await bell(ada.page).showsUnread(2);
});

test('behind a proxy that passes the head of a stream and holds its body, the page is not live, and notices come all the same', {
  tag: '@long',
}, async ({ admin, expectErrors, openStreams, server, signIn }) => {
  expectErrors(NETWORK_IS_GONE);
  await expect.poll(openStreams).toBe(0);
  const proxy = await startHoldingProxy(server.url);
  try {
    const { page } = await signIn(ADA, { baseURL: proxy.url });
    await page.clock.install();
    proxy.hold();
    await page.reload();
    await expect.poll(proxy.held).toBeGreaterThan(0);
    await expect(connection(page)).toHaveText('Checking every 20 s');
    const polled = uniqueTitle('By polling');
    await admin.sendTo(ADA, { title: polled, priority: 'CRITICAL' });
    await page.clock.fastForward(POLL_EVERY_MS);
    await expect(toasts(page, polled)).toBeVisible();
    await bell(page).showsUnread(1);
    await expect(connection(page)).toHaveText('Checking every 20 s');

    proxy.release();
    await page.clock.fastForward(LONGEST_PAUSE_MS);
    await expect(connection(page)).toHaveText('Live');
    const live = uniqueTitle('Live again');
    await admin.sendTo(ADA, { title: live, priority: 'CRITICAL' });
    await expect(toasts(page, live)).toBeVisible();
    await bell(page).showsUnread(2);

    // From here on the open stream says nothing either.
    proxy.hold();
    const silent = uniqueTitle('Into the silence');
    await admin.sendTo(ADA, { title: silent, priority: 'CRITICAL' });
    await page.clock.fastForward(NOTICES_SILENCE_AFTER_MS);
    await bell(page).showsUnread(3, { timeout: 10_000 });
    await expect(connection(page)).toHaveText('Checking every 20 s');
    await expect(toasts(page, silent)).toBeVisible();
    proxy.release();
    await page.clock.fastForward(LONGEST_PAUSE_MS);
    await expect(connection(page)).toHaveText('Live');
    await bell(page).showsUnread(3);
    await expect.poll(openStreams).toBe(1);
  } finally {
    await proxy.close();
  }
});

test('behind a proxy that passes only a part of what a stream begins with, the page is not live, and shows all the same', {
  tag: '@long',
}, async ({ admin, expectErrors, server, signIn }) => {
  expectErrors(NETWORK_IS_GONE);
  const titles = [uniqueTitle('One'), uniqueTitle('Two'), uniqueTitle('Three')];
  for (const title of titles) await admin.sendTo(ADA, { title, message: 'x'.repeat(500) });
  const proxy = await startHoldingProxy(server.url);
  try {
    const { page } = await signIn(ADA, { baseURL: proxy.url });
    // What the stream begins with says that there are three, and the first of them.
    proxy.hold({ passing: 2_000 });
    await page.reload();
    await expect.poll(proxy.held).toBeGreaterThan(0);
    await expect(connection(page)).toHaveText('Checking every 20 s');
    await bell(page).showsUnread(3);
    proxy.release();
    await expect(connection(page)).toHaveText('Live');
    await bell(page).showsUnread(3);
  } finally {
    await proxy.close();
  }
});

test('what is dismissed while no stream can be held is gone in the other tab all the same', {
  tag: '@long',
}, async ({ admin, expectErrors, signIn }) => {
  expectErrors(NETWORK_IS_GONE);
  const title = uniqueTitle('Dismissed by polling');
  await admin.sendTo(ADA, { title });
  const ada = await signIn(ADA);
  await blockStream(ada.context);
  await ada.page.reload();
  const second = await ada.openTab();
  for (const page of [ada.page, second]) {
    await expect(connection(page)).toHaveText('Checking every 20 s', BACK_WITHIN);
    await bell(page).showsUnread(1);
  }
  await bell(ada.page).open();
  await bell(ada.page).dismiss(title);
  await bell(second).showsUnread(0, { timeout: 2_000 });
});
