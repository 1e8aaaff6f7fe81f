/** Many tabs are one browser: one stream, one truth. */
import {
  ADA,
  bell,
  connection,
  EVERYWHERE_WITHIN,
  expect,
  inLocalNetwork,
  test,
  toasts,
  uniqueTitle,
} from './fixtures.ts';

test('eight tabs of one browser share one stream, and all of them work', async ({
  admin,
  openStreams,
  signIn,
}) => {
  await expect.poll(openStreams).toBe(0);
  const ada = await signIn(ADA);
  const tabs = [ada.page];
  while (tabs.length < 8) tabs.push(await ada.openTab());
  for (const tab of tabs) await expect(connection(tab)).toHaveText('Live');
  await expect.poll(openStreams).toBe(1);

  const title = uniqueTitle('To eight tabs');
  await admin.sendNotice({ title });
  for (const tab of tabs) await bell(tab).showsUnread(1);
  const last = tabs[7] ?? ada.page;
  await bell(last).open();
  await bell(last).dismiss(title);
  await Promise.all(tabs.map((tab) => bell(tab).showsUnread(0, EVERYWHERE_WITHIN)));
  await expect.poll(openStreams).toBe(1);
});

test('when the tab that holds the stream closes, another takes over within three seconds', {
  tag: '@long',
}, async ({ admin, openStreams, signIn }) => {
  await expect.poll(openStreams).toBe(0);
  const ada = await signIn(ADA);
  const second = await ada.openTab();
  const third = await ada.openTab();
  await expect(connection(third)).toHaveText('Live');

  // The first tab holds it: it was alone when it opened.
  await ada.page.close();
  const title = uniqueTitle('To those who stayed');
  await admin.sendNotice({ title, priority: 'CRITICAL' });
  await expect(bell(second).button).toHaveAccessibleName('Notifications, 1 unread', { timeout: 3_000 });
  await bell(third).showsUnread(1, { timeout: 3_000 });
  await expect.poll(openStreams).toBe(1);
  expect((await toasts(second, title).count()) + (await toasts(third, title).count())).toBe(1);
});

test('without Web Locks, in a local network, seven tabs share one stream, hand it over, and agree', {
  tag: '@long',
}, async ({ admin, expectErrors, openStreams, server, signIn }) => {
  // What Chromium says of a header that only https can have.
  expectErrors(/Cross-Origin-Opener-Policy header has been ignored/);
  await expect.poll(openStreams).toBe(0);
  const ada = await signIn(ADA, { baseURL: inLocalNetwork(server) });
  expect(await ada.page.evaluate(() => 'locks' in navigator)).toBe(false);
  // All at once: each has to find out that another one is faster.
  const others = await Promise.all([1, 2, 3, 4, 5, 6].map(() => ada.openTab()));
  for (const tab of others) await expect(connection(tab)).toHaveText('Live');
  await expect.poll(openStreams).toBe(1);

  const critical = uniqueTitle('To seven tabs');
  await admin.sendTo(ADA, { title: critical, priority: 'CRITICAL' });
  for (const tab of [ada.page, ...others]) await bell(tab).showsUnread(1);
  const shown = await Promise.all([ada.page, ...others].map((tab) => toasts(tab, critical).count()));
  expect(shown.filter((count) => count > 0)).toEqual([1]);

  // The first tab holds it: it was alone when it opened.
  await ada.page.close();
  const title = uniqueTitle('To those who stayed');
  await admin.sendTo(ADA, { title });
  await Promise.all(others.map((tab) => bell(tab).showsUnread(2, { timeout: 3_000 })));
  await expect.poll(openStreams).toBe(1);
  for (const tab of others) await expect(connection(tab)).toHaveText('Live');

  const [one] = others as [(typeof others)[0]];
  await bell(one).open();
  await bell(one).dismiss(title);
  await Promise.all(others.map((tab) => bell(tab).showsUnread(1, EVERYWHERE_WITHIN)));
  await expect.poll(openStreams).toBe(1);
});

test('the last tab that closes leaves no stream behind', async ({ openStreams, signIn }) => {
  await expect.poll(openStreams).toBe(0);
  const ada = await signIn(ADA);
  const second = await ada.openTab();
  await expect(connection(second)).toHaveText('Live');
  await ada.page.close();
  await second.close();
  await expect.poll(openStreams).toBe(0);
});
