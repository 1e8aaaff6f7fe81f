/** Toasts among each other: which stay, where they stand, and where the focus goes. */
import type { Locator, Page } from '@playwright/test';
import { ADA, BEN, bell, expect, test, toasts, uniqueTitle } from './fixtures.ts';
import { inbox } from './inbox-view.ts';

const LONG = 'A message of some length, so that it takes more than one line. '.repeat(6);
const closeOf = (page: Page, title: string) => toasts(page, title).getByRole('button', { name: 'Close' });

test('a critical toast keeps its place, however many arrive that do not wait for anybody', async ({
  admin,
  signIn,
}) => {
  const { page } = await signIn(ADA);
  const critical = uniqueTitle('The roof is open');
  await admin.sendTo(ADA, { title: critical, priority: 'CRITICAL' });
  await expect(toasts(page, critical)).toBeInViewport({ ratio: 1 });
  for (let n = 1; n <= 6; n++) {
    await admin.sendTo(ADA, { title: `Low ${n}`, message: LONG, priority: 'LOW' });
    await bell(page).showsUnread(n + 1);
    await expect(toasts(page, critical)).toBeInViewport({ ratio: 1 });
    expect(await toasts(page).count()).toBeLessThanOrEqual(3);
  }
  await expect(toasts(page).filter({ hasText: /more notifications/ })).toBeVisible();
});

for (const { tag = [], ...viewport } of [
  { width: 320, height: 256 },
  { width: 568, height: 320, tag: '@long' },
  { width: 320, height: 568, tag: '@long' },
]) {
  test(`five tall critical toasts can all be closed by hand on ${viewport.width} by ${viewport.height} pixels`, {
    tag,
  }, async ({ admin, signIn }) => {
    const { page } = await signIn(ADA, { viewport });
    const titles = [1, 2, 3, 4, 5].map((n) => uniqueTitle(`Critical ${n}`));
    for (const title of titles) {
      await admin.sendTo(ADA, { title, message: LONG, priority: 'CRITICAL', link: `/${'path/'.repeat(40)}` });
    }
    await bell(page).showsUnread(5);
    // The newest first: the others wait in the summary, and come back as there is room.
    for (const title of titles.toReversed()) {
      await expect(toasts(page, title)).toBeVisible();
      for (const toast of await toasts(page).all()) {
        await expect(toast.getByRole('button', { name: 'Close' })).toBeInViewport({ ratio: 1 });
      }
      const box = await closeOf(page, title).boundingBox();
      await page.mouse.click((box?.x ?? 0) + 10, (box?.y ?? 0) + 10);
      await expect(toasts(page, title)).toBeHidden();
    }
    await expect(toasts(page)).toHaveCount(0);
    await bell(page).showsUnread(5);
  });
}

test('closing toasts by keyboard leads from one to the next, and then back to where the focus was', async ({
  admin,
  signIn,
}) => {
  const { page } = await signIn(ADA);
  const [first, second, third] = [uniqueTitle('First'), uniqueTitle('Second'), uniqueTitle('Third')];
  for (const title of [first, second, third]) await admin.sendTo(ADA, { title, priority: 'CRITICAL' });
  await expect(toasts(page)).toHaveCount(3);
  const before = page.getByRole('button', { name: 'Build my report' });
  await before.focus();
  await page.keyboard.press('Alt+KeyT');
  await expect(closeOf(page, first)).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(closeOf(page, second)).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(toasts(page, second)).toBeHidden();
  await expect(closeOf(page, third)).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(closeOf(page, first)).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(toasts(page)).toHaveCount(0);
  await expect(before).toBeFocused();
});

test('a toast that leaves under the focus hands it on', async ({ admin, signIn }) => {
  const { http, page } = await signIn(ADA);
  const [gone, left] = [uniqueTitle('Dismissed elsewhere'), uniqueTitle('Left')];
  const id = await admin.sendTo(ADA, { title: gone, priority: 'CRITICAL' });
  await admin.sendTo(ADA, { title: left, priority: 'CRITICAL' });
  await expect(toasts(page)).toHaveCount(2);
  await page.keyboard.press('Alt+KeyT');
  await expect(closeOf(page, gone)).toBeFocused();
  await http.post('/notifications/dismiss', { ids: [id] });
  await expect(toasts(page, gone)).toBeHidden();
  await expect(closeOf(page, left)).toBeFocused();
});

test('Escape closes the toast that has the focus, and nothing else', async ({ admin, signIn }) => {
  const { page } = await signIn(ADA);
  const [first, second] = [uniqueTitle('First'), uniqueTitle('Second')];
  for (const title of [first, second]) await admin.sendTo(ADA, { title, priority: 'CRITICAL' });
  await expect(toasts(page)).toHaveCount(2);
  await page.keyboard.press('Escape');
  await expect(toasts(page)).toHaveCount(2);
  await page.keyboard.press('Alt+KeyT');
  await page.keyboard.press('Escape');
  await expect(toasts(page, first)).toBeHidden();
  await expect(closeOf(page, second)).toBeFocused();
});

test('from one list to the other the focus goes on as the toasts stand', async ({ admin, signIn }) => {
  const { page } = await signIn(ADA);
  const [polite, urgent] = [uniqueTitle('Polite'), uniqueTitle('Urgent')];
  await admin.sendTo(ADA, { title: urgent, priority: 'CRITICAL' });
  await admin.sendTo(ADA, { title: polite, priority: 'NORMAL' });
  await expect(toasts(page)).toHaveText([new RegExp(polite), new RegExp(urgent)]);
  await page.keyboard.press('Alt+KeyT');
  await expect(closeOf(page, polite)).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(closeOf(page, urgent)).toBeFocused();
});

const PHONE = { viewport: { width: 380, height: 760 }, hasTouch: true };

test.describe('on a phone', () => {
  test('one toast is there, the most urgent, and a line that counts the others', async ({
    admin,
    signIn,
  }) => {
    const { page } = await signIn(ADA, PHONE);
    const urgent = uniqueTitle('Urgent');
    await admin.sendTo(ADA, { title: 'Before', message: LONG });
    await admin.sendTo(ADA, { title: urgent, message: LONG, priority: 'CRITICAL' });
    await admin.sendTo(ADA, { title: 'After', message: LONG, priority: 'HIGH' });
    await bell(page).showsUnread(3);
    await expect(toasts(page)).toHaveCount(2);
    await expect(toasts(page, urgent)).toBeInViewport({ ratio: 1 });
    const summary = toasts(page, '2 more notifications');
    await expect(summary).toBeInViewport({ ratio: 1 });
    const heightOf = async (each: Locator) => (await each.boundingBox())?.height ?? 999;
    const [height, line] = [await heightOf(toasts(page, urgent)), await heightOf(summary)];
    // Together they leave three quarters of the screen.
    expect(height + line).toBeLessThan(PHONE.viewport.height / 4);
    expect(line).toBeLessThanOrEqual(48);
    await summary.getByRole('button', { name: 'Show them' }).click();
    await expect(bell(page).panel).toBeVisible();
    await expect(toasts(page)).toHaveCount(0);
  });

  test('a finger takes it away to either side, and one that scrolls does not', async ({ admin, signIn }) => {
    const { page } = await signIn(ADA, PHONE);
    for (const [way, end] of [
      ['left', { x: -120, y: 4 }],
      ['right', { x: 120, y: -4 }],
    ] as const) {
      const title = uniqueTitle(way);
      await admin.sendTo(ADA, { title, priority: 'CRITICAL' });
      await expect(toasts(page, title)).toBeInViewport({ ratio: 1 });
      await drag(page, title, { x: 4, y: -90 });
      await drag(page, title, { x: 20, y: 2 });
      await expect(toasts(page, title)).toBeVisible();
      await drag(page, title, end);
      await expect(toasts(page)).toHaveCount(0);
    }
    await bell(page).showsUnread(2);
  });
});

/** With a finger, in steps, slowly enough not to be a flick. */
async function drag(page: Page, title: string, by: { x: number; y: number }): Promise<void> {
  const box = await toasts(page, title).boundingBox();
  const from = { x: (box?.x ?? 0) + 150, y: (box?.y ?? 0) + 20 };
  const session = await page.context().newCDPSession(page);
  const send = (type: 'touchStart' | 'touchMove' | 'touchEnd', part?: number) =>
    session.send('Input.dispatchTouchEvent', {
      type,
      touchPoints:
        part === undefined ? [] : [{ x: from.x + (by.x * part) / 10, y: from.y + (by.y * part) / 10 }],
    });
  await send('touchStart', 0);
  for (let part = 1; part <= 10; part += 1) {
    await page.waitForTimeout(30);
    await send('touchMove', part);
  }
  await send('touchEnd');
  await session.detach();
}

/** What whoever hears the page is told: each text that came into a live region, with how urgently. */
async function listen(page: Page): Promise<() => Promise<[role: string, text: string][]>> {
  await page.evaluate(() => {
    const told: [string, string][] = [];
    Object.assign(window, { told });
    const watch = (root: Node) =>
      new MutationObserver((records) => {
        for (const { target, addedNodes } of records) {
          for (const node of addedNodes) {
            const element = target as Element;
            const region = element.closest('[role=status], [role=alert]');
            if (!(node instanceof Element) || !region?.closest('[data-toasts]')) continue;
            if (node.matches('[aria-live=off]') || node.querySelector('[aria-live=off]')) continue;
            told.push([region.getAttribute('role') ?? '', node.textContent ?? '']);
          }
        }
      }).observe(root, { childList: true, subtree: true });
    watch(document.body);
  });
  return () => page.evaluate(() => (window as unknown as { told: [string, string][] }).told);
}

test.describe('for whoever hears the page', () => {
  test('both regions are there from the first on, empty, and say as the tree of accessibility has it how they speak', async ({
    admin,
    signIn,
    server,
    openBrowser,
  }) => {
    const { http, page } = await signIn(ADA);
    // As the server wrote it, before any script has run.
    const still = await openBrowser({ javaScriptEnabled: false });
    await still.addCookies(await page.context().cookies());
    const written = await still.newPage();
    await written.goto(server.url);
    for (const role of ['status', 'alert'] as const) {
      const region = written.locator('[data-toasts]').getByRole(role);
      await expect(region).toHaveCount(1);
      await expect(region).toBeEmpty();
    }
    const regions = page.getByRole('region', { name: 'Toasts alt+T' });
    await expect(regions).toMatchAriaSnapshot(`
      - region "Toasts alt+T":
        - status
        - alert
    `);
    const id = await admin.sendTo(ADA, { title: 'Politely', message: 'One.' });
    await admin.sendTo(ADA, { title: 'At once', message: 'Two.', priority: 'HIGH' });
    await expect(toasts(page)).toHaveCount(2);
    await expect(regions).toMatchAriaSnapshot(`
      - region "Toasts alt+T":
        - status:
          - list:
            - listitem:
              - paragraph: Politely
              - paragraph: One.
              - button "Close"
        - alert:
          - list:
            - listitem:
              - paragraph: High
              - paragraph: At once
              - paragraph: Two.
              - button "Close"
    `);
    await http.post('/notifications/dismiss', { ids: [id] });
    await expect(toasts(page)).toHaveCount(1);
  });

  test('each is told once, though toasts give up their room, come back, and move into a dialog', async ({
    admin,
    signIn,
  }) => {
    const { page } = await signIn(ADA);
    const told = await listen(page);
    const titles = [1, 2, 3, 4].map((n) => uniqueTitle(`Critical ${n}`));
    for (const [n, title] of titles.entries()) {
      await admin.sendTo(ADA, { title, priority: 'CRITICAL' });
      await bell(page).showsUnread(n + 1);
      await expect(toasts(page, title)).toBeVisible();
    }
    // The oldest had given up their room.
    await closeOf(page, titles[3] as string).click();
    await expect(toasts(page, titles[0])).toBeVisible();
    const texts = (await told()).filter(([, text]) => text.includes('Critical'));
    for (const title of titles) {
      expect(texts.filter(([role, text]) => role === 'alert' && text.includes(title))).toHaveLength(1);
    }
    expect((await told()).filter(([, text]) => text.includes('more notification'))).toEqual([]);
  });

  test('what stands in the open panel is no toast, and is told', async ({ admin, signIn }) => {
    const { page } = await signIn(ADA);
    await bell(page).open();
    const told = await listen(page);
    const [polite, urgent] = [uniqueTitle('Polite'), uniqueTitle('Urgent')];
    await admin.sendTo(ADA, { title: polite, message: 'With **bold** words.' });
    await admin.sendTo(ADA, { title: urgent, priority: 'CRITICAL' });
    await expect(bell(page).item(urgent)).toBeVisible();
    await expect.poll(told).toEqual([
      ['status', `${polite}With bold words.`],
      ['alert', expect.stringMatching(`Critical${urgent}`)],
    ]);
    await expect(toasts(page)).toHaveCount(0);
    // It was on the screen there, so that nothing waits when the panel is closed.
    await page.waitForTimeout(700);
    await bell(page).close();
    await expect(page.locator('[data-toasts]').getByRole('listitem')).toHaveCount(0, { timeout: 7_000 });
  });
});

test('in the inbox what arrives is in the list, and no toast; on another page it is one', async ({
  admin,
  signIn,
}) => {
  const { page } = await signIn(ADA, { path: '/inbox' });
  const [first, second] = [uniqueTitle('In the list'), uniqueTitle('Elsewhere')];
  await admin.sendTo(ADA, { title: first });
  await expect(page.getByRole('article').filter({ hasText: first })).toBeVisible();
  await expect(toasts(page)).toHaveCount(0);
  await page.getByRole('button', { name: 'Done', exact: true }).click();
  await admin.sendTo(ADA, { title: second });
  await expect(toasts(page, second)).toBeVisible();
  await inbox(page).view('Inbox').click();
  await expect(toasts(page)).toHaveCount(0);
});

test('a critical toast that nobody saw in the list is there when the panel is closed', async ({
  admin,
  signIn,
}) => {
  const { page } = await signIn(ADA);
  for (let n = 1; n <= 12; n += 1) await admin.sendTo(ADA, { title: `Number ${n}`, message: LONG });
  await bell(page).showsUnread(12);
  await bell(page).open();
  await bell(page).scrollTo('end');
  const title = uniqueTitle('Above');
  await admin.sendTo(ADA, { title, priority: 'CRITICAL' });
  await bell(page).showsUnread(13);
  await expect(toasts(page)).toHaveCount(0);
  await bell(page).close();
  await expect(toasts(page, title)).toBeVisible();
});

test('what came while the tab was hidden is still there when its person comes back, and leaves in its time', {
  tag: '@long',
}, async ({ admin, signIn }) => {
  const { page } = await signIn(ADA);
  await setVisible(page, false);
  const low = uniqueTitle('Low');
  await admin.sendTo(ADA, { title: low, priority: 'LOW' });
  await bell(page).showsUnread(1);
  await page.waitForTimeout(9_000);
  await expect(toasts(page, low)).toBeVisible();
  await setVisible(page, true);
  await page.waitForTimeout(4_000);
  await expect(toasts(page, low)).toBeVisible();
  await expect(toasts(page, low)).toBeHidden({ timeout: 5_000 });
});

/** As when another tab comes in front of it, or goes: a browser without a screen has all of them in front. */
async function setVisible(page: Page, isVisible: boolean): Promise<void> {
  await page.evaluate((visible) => {
    Object.defineProperty(document, 'hidden', { configurable: true, value: !visible });
    Object.defineProperty(document, 'visibilityState', {
      configurable: true,
      value: visible ? 'visible' : 'hidden',
    });
    document.dispatchEvent(new Event('visibilitychange'));
  }, isVisible);
}

test('a toast stays for as long as the pointer is on it, and a double click closes one', {
  tag: '@long',
}, async ({ admin, signIn }) => {
  const ben = await signIn(BEN);
  const { page } = await signIn(ADA);
  const [low, first, second] = [uniqueTitle('Low'), uniqueTitle('First'), uniqueTitle('Second')];
  await admin.sendTo(ADA, { title: low, priority: 'LOW' });
  await toasts(page, low).hover();
  // Longer than it lasts by itself, as another one tells that comes later and lasts longer.
  const other = uniqueTitle('Normal');
  await admin.sendTo(BEN, { title: other });
  await expect(toasts(ben.page, other)).toBeVisible();
  await expect(toasts(ben.page, other)).toBeHidden({ timeout: 15_000 });
  await expect(toasts(page, low)).toBeVisible();
  await page.mouse.move(5, 5);
  await expect(toasts(page, low)).toBeHidden({ timeout: 10_000 });

  for (const title of [first, second]) await admin.sendTo(ADA, { title, priority: 'CRITICAL' });
  await expect(toasts(page)).toHaveCount(2);
  await closeOf(page, first).dblclick({ noWaitAfter: true });
  await expect(toasts(page)).toHaveCount(1);
  await expect(toasts(page, second)).toBeVisible();
});
