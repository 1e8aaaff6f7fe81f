/** The panel behind the bell: by keyboard, with texts of any kind, and when the server refuses. */
import { ADA, bell, expect, type Notice, test, toasts, uniqueTitle } from './fixtures.ts';

test('the panel can be opened, worked through and closed by keyboard alone', async ({ admin, signIn }) => {
  const { page } = await signIn(ADA);
  const [oldest, middle, newest] = [uniqueTitle('Oldest'), uniqueTitle('Middle'), uniqueTitle('Newest')];
  for (const title of [oldest, middle, newest]) await admin.sendTo(ADA, { title, priority: 'LOW' });
  const { button, close, item, panel, showsUnread } = bell(page);
  await showsUnread(3);
  const press = (key: string) => page.keyboard.press(key);
  const dismissOf = (title: string) => item(title).getByRole('button', { name: 'Dismiss' });
  const tabThrough = async (title: string) => {
    for (const name of ['Open', 'Mark as read', 'Snooze', 'Dismiss']) {
      await press('Tab');
      await expect(item(title).getByRole('button', { name, exact: true })).toBeFocused();
    }
  };

  await press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused();
  for (
    let tabs = 0;
    tabs < 6 && !(await button.evaluate((node) => node === document.activeElement));
    tabs++
  ) {
    await press('Tab');
  }
  await expect(button).toBeFocused();
  await press('Enter');
  await expect(panel).toBeVisible();
  await expect(button).toHaveAttribute('aria-expanded', 'true');

  // The list is measured before it stands there.
  await expect(item(newest)).toBeVisible();
  await tabThrough(newest);
  await tabThrough(middle);
  await press('Enter');
  await expect(item(middle)).toBeHidden();
  await expect(dismissOf(oldest)).toBeFocused();
  await press('Enter');
  await expect(dismissOf(newest)).toBeFocused();
  await press('Enter');
  await expect(panel.getByText('Nothing is waiting')).toBeVisible();
  await expect(panel).toBeFocused();
  await press('Tab');
  await expect(panel.getByRole('button', { name: 'Undo' })).toBeFocused();
  await close();
  await expect(button).toBeFocused();
  await showsUnread(0);
});

test('whoever has dismissed all that was loaded is told that there is more, and loads it', {
  tag: '@long',
}, async ({ admin, signIn }) => {
  const sent: number[] = [];
  // More than the stream brings at its start.
  for (let n = 1; n <= 105; n++) sent.push(await admin.sendTo(ADA, { title: `Number ${n}` }));
  const { http, page } = await signIn(ADA);
  const { item, open, panel, showsUnread } = bell(page);
  await showsUnread(105);
  await open();
  await expect(item('Number 105')).toBeVisible();
  await http.post('/notifications/dismiss', { ids: sent.slice(5) });
  await showsUnread(5);
  await expect(panel.getByText('Older ones are left')).toBeVisible();
  await expect(panel.getByText('Nothing is waiting')).toHaveCount(0);
  await panel.getByRole('button', { name: 'Load older' }).click();
  await expect(item('Number 5')).toBeVisible();
  await expect(panel).toBeFocused();
  await panel.getByRole('button', { name: 'Clear all' }).click();
  await expect(panel.getByText('Nothing is waiting')).toBeVisible();
});

test('a dismissal that the server refuses comes back, with a sentence', async ({
  admin,
  expectErrors,
  signIn,
}) => {
  expectErrors(/status of 500/);
  const { page } = await signIn(ADA);
  const title = uniqueTitle('Stubborn');
  await admin.sendTo(ADA, { title });
  const { dismiss, item, open, panel, showsUnread } = bell(page);
  await showsUnread(1);
  await open();

  const refusal = Promise.withResolvers<void>();
  await page.route('**/notifications/dismiss?*', async (route) => {
    await refusal.promise;
    await route.fulfill({
      status: 500,
      json: { error: { code: 'internal_error', message: 'Something went wrong on our side.' } },
    });
  });
  await dismiss(title);
  // Gone before the server has answered.
  await expect(item(title)).toBeHidden();
  await showsUnread(0);
  refusal.resolve();
  await expect(item(title)).toBeVisible();
  await expect(panel.getByRole('alert')).toHaveText('Something went wrong on our side.');
  await showsUnread(1);

  await page.unroute('**/notifications/dismiss?*');
  await dismiss(title);
  await expect(item(title)).toBeHidden();
  await expect(panel.getByRole('alert')).toBeHidden();
  await showsUnread(0);
});

test('clearing that cannot reach the server brings everything back, with a sentence', {
  tag: '@long',
}, async ({ admin, expectErrors, signIn }) => {
  expectErrors(/net::ERR_/);
  const { page } = await signIn(ADA);
  for (const title of ['First', 'Second']) await admin.sendTo(ADA, { title });
  const { clearAll, items, open, panel, showsUnread } = bell(page);
  await showsUnread(2);
  await open();
  await page.route('**/notifications/clear?*', (route) => route.abort());
  await clearAll();
  await expect(panel.getByRole('alert')).toContainText('The server cannot be reached.');
  await expect(items).toHaveCount(2);
  await showsUnread(2);
});

const TEXTS: (Notice & { what: string; tag?: string })[] = [
  {
    what: 'a script tag',
    title: '<script>document.title = "owned"</script><img src=x onerror="document.title=1">',
    message: '<b>bold</b> & &lt;entities&gt;',
  },
  {
    what: 'the longest title and message, without a space',
    tag: '@long',
    title: 'W'.repeat(200),
    message: 'm'.repeat(10_000),
  },
  {
    what: 'Hebrew, Arabic and emoji',
    title: 'התראה חדשה 🔔',
    message: 'مرحبا بالعالم\nשורה שנייה 👩‍👩‍👧‍👦',
  },
];

for (const { what, tag = [], ...notice } of TEXTS) {
  test(`${what} is shown as it was written, inside its box`, { tag }, async ({ admin, signIn }) => {
    const { page } = await signIn(ADA, { viewport: { width: 380, height: 760 } });
    await admin.sendTo(ADA, { ...notice, priority: 'CRITICAL' });
    const toast = toasts(page);
    await expect(toast).toBeVisible();
    await expect(toast).toContainText(notice.title);
    await expect(toast.getByText(notice.title)).toHaveAttribute('dir', 'auto');
    const box = await toast.boundingBox();
    expect(box?.x).toBeGreaterThanOrEqual(0);
    expect((box?.x ?? 0) + (box?.width ?? 999)).toBeLessThanOrEqual(380);
    await toast.getByRole('button', { name: 'Close' }).click();

    await bell(page).open();
    const item = bell(page).item(notice.title);
    await expect(item).toBeVisible();
    const lines = (notice.message ?? '').split('\n');
    for (const line of lines) await expect(item).toContainText(line);
    expect((await item.boundingBox())?.width).toBeLessThanOrEqual(380);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
    expect(await page.title()).toBe('(1) Belfry');
  });
}

test('a text too long for its box can be read in full', async ({ admin, signIn }) => {
  const title = uniqueTitle('Long');
  await admin.sendTo(ADA, { title, message: `${'A sentence of the middle. '.repeat(100)}The very end.` });
  const { page } = await signIn(ADA);
  await bell(page).open();
  const item = bell(page).item(title);
  const clamped = (await item.boundingBox())?.height ?? 0;
  await item.getByRole('button', { name: 'Show all' }).click();
  await expect(item.getByRole('button', { name: 'Show less' })).toHaveAttribute('aria-expanded', 'true');
  expect((await item.boundingBox())?.height).toBeGreaterThan(clamped * 2);
});

test('a link leads to a page of this site or, in a tab of its own, to another; a script is no link', async ({
  admin,
  expectErrors,
  server,
  signIn,
}) => {
  expectErrors(/status of 403/);
  const here = uniqueTitle('Here');
  const there = uniqueTitle('There');
  await admin.sendTo(ADA, { title: there, link: 'https://example.com/page' });
  await admin.sendTo(ADA, { title: here, link: '/admin' });
  const sender = await server.signIn('admin@belfry.test');
  for (const link of [
    'javascript:alert(1)',
    ' JaVaScRiPt:alert(1)',
    'data:text/html,x',
    '//elsewhere.example',
  ]) {
    const answer = await sender.post('/notifications/send', {
      title: 'Bad',
      message: 'Bad',
      audience: 'all',
      link,
    });
    expect(answer.status).toBe(422);
    expect(await answer.json()).toHaveProperty('error.fieldErrors.link');
  }

  const { page } = await signIn(ADA);
  const { item, open, panel, showsUnread } = bell(page);
  await showsUnread(2);
  await open();
  const away = item(there).getByRole('link');
  await expect(away).toHaveAccessibleName('Open example.com (new tab)');
  await expect(away).toHaveAttribute('rel', /noopener/);
  await expect(away).toHaveAttribute('href', 'https://example.com/page');
  await item(here).getByRole('link', { name: 'Open /admin' }).click();
  await expect(page.getByRole('heading', { name: 'This page is for administrators' })).toBeVisible();
  await expect(panel).toBeHidden();
});

test('toasts of different lengths are equally wide', async ({ admin, signIn }) => {
  const { page } = await signIn(ADA);
  await admin.sendTo(ADA, { title: 'Short', message: 'Short.', priority: 'CRITICAL' });
  await admin.sendTo(ADA, { title: 'Longer', message: 'Words '.repeat(60), priority: 'CRITICAL' });
  await expect(toasts(page)).toHaveCount(2);
  const boxes = await Promise.all((await toasts(page).all()).map((toast) => toast.boundingBox()));
  expect(boxes[0]?.width).toBe(boxes[1]?.width);
  expect(boxes[0]?.x).toBe(boxes[1]?.x);
});
