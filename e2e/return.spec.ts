/** Going back, with the back-forward cache that Playwright otherwise turns off. */
import { ADA, bell, connection, expect, test, toasts, uniqueTitle } from './fixtures.ts';

test.use({
  launchOptions: [
    ({ launchOptions }, use) =>
      use({ ...launchOptions, ignoreDefaultArgs: ['--disable-back-forward-cache'] }),
    { scope: 'worker' },
  ],
});

test('a page that somebody returns to shows the truth, and is live again', async ({ admin, signIn }) => {
  const ada = await signIn(ADA);
  const gone = uniqueTitle('Dismissed while away');
  await admin.sendTo(ADA, { title: gone });
  await bell(ada.page).showsUnread(1);

  await ada.page.goto('about:blank');
  await ada.http.post('/notifications/clear');
  const fresh = uniqueTitle('Sent while away');
  await admin.sendTo(ADA, { title: fresh });
  await ada.page.goBack();

  await expect(ada.page.getByRole('heading', { name: 'Hello, Ada.' })).toBeVisible();
  await expect(connection(ada.page)).toHaveText('Live');
  await bell(ada.page).open();
  await expect(bell(ada.page).item(fresh)).toHaveCount(1);
  await expect(bell(ada.page).item(gone)).toHaveCount(0);
  await bell(ada.page).showsUnread(1);
  await bell(ada.page).close();
  const live = uniqueTitle('Live again');
  await admin.sendTo(ADA, { title: live, priority: 'CRITICAL' });
  await expect(toasts(ada.page, live)).toBeVisible();
  await bell(ada.page).showsUnread(2);
});

test('a page that the browser kept whole opens its stream anew', async ({ admin, openStreams, signIn }) => {
  await expect.poll(openStreams).toBe(0);
  const { page } = await signIn(ADA);
  const opened = page.waitForRequest('**/sse/**');
  // What the browser tells a page that it froze and took out again.
  await page.evaluate(() => window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })));
  await opened;
  await expect.poll(openStreams).toBe(1);
  const live = uniqueTitle('Live again');
  await admin.sendTo(ADA, { title: live });
  await expect(toasts(page, live)).toBeVisible();
  await bell(page).showsUnread(1);
});
