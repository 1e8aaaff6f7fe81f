/** How somebody wants to be told: said once, obeyed by every tab and device at once. */
import AxeBuilder from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';
import Database from 'better-sqlite3';
import { ADA, bell, EVERYWHERE_WITHIN, expect, test, toasts, uniqueTitle } from './fixtures.ts';

const SETTINGS = '/settings/notifications';
const HOUR_MS = 60 * 60_000;

declare global {
  interface Window {
    shownOnDesktop: { title: string; tag: string; press: () => void }[];
    asked: number;
    rang: number;
  }
}

test.describe.configure({ timeout: 120_000 });

test.beforeEach(async ({ server }) => {
  const ada = await server.signIn(ADA);
  const answer = await ada.post('/notifications/settings', { categories: {}, quietHours: null });
  expect(answer.status).toBe(200);
});

/** The row of a category. */
function row(page: Page, name: string) {
  const group = page.getByRole('group', { name, exact: true });
  return {
    group,
    mode: group.getByRole('combobox', { name: 'Shown' }),
    sound: group.getByRole('checkbox', { name: 'Sound' }),
    desktop: group.getByRole('checkbox', { name: 'Desktop' }),
    tryIt: group.getByRole('button', { name: /^Try it/ }),
    tried: group.getByRole('status'),
  };
}

const saved = (page: Page): Locator => page.getByRole('status').filter({ hasText: /^Saved/ });

/** In place of what the browser has: nothing of it can be seen in a test. */
async function fakeDesktop(page: Page, permission: NotificationPermission): Promise<void> {
  await page.addInitScript((first) => {
    window.shownOnDesktop = [];
    window.asked = 0;
    window.rang = 0;
    class FakeNotification {
      static permission = first;
      static async requestPermission() {
        window.asked += 1;
        FakeNotification.permission = 'granted';
        return FakeNotification.permission;
      }
      onclick: (() => void) | null = null;
      constructor(title: string, { tag }: { tag: string }) {
        window.shownOnDesktop.push({ title, tag, press: () => this.onclick?.() });
      }
      close() {}
    }
    Object.assign(window, { Notification: FakeNotification });
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (...given) {
      window.rang += 1;
      return start.apply(this, given);
    };
  }, permission);
  await page.reload();
}

async function setHidden(page: Page, isHidden: boolean): Promise<void> {
  await page.evaluate(
    (state) => {
      Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state });
      document.dispatchEvent(new Event('visibilitychange'));
    },
    isHidden ? 'hidden' : 'visible',
  );
}

const onDesktop = (page: Page) => page.evaluate(() => window.shownOnDesktop.map(({ title }) => title));

test('what is said in one tab is obeyed by every tab and device at once, and after a reload', async ({
  admin,
  signIn,
}) => {
  const ada = await signIn(ADA, { path: SETTINGS });
  const otherTab = await ada.openTab();
  const { page: otherDevice } = await signIn(ADA, { path: SETTINGS });
  const messages = row(ada.page, 'Updates');

  await messages.mode.selectOption('In the inbox only');
  await expect(saved(ada.page)).toBeVisible();
  await expect(row(otherDevice, 'Updates').mode).toHaveValue('inbox', EVERYWHERE_WITHIN);
  const quiet = uniqueTitle('In the inbox only');
  await admin.sendTo(ADA, { title: quiet, priority: 'CRITICAL' });
  for (const page of [ada.page, otherTab, otherDevice]) await bell(page).showsUnread(1);

  await messages.mode.selectOption('Muted');
  await expect(row(otherDevice, 'Updates').mode).toHaveValue('muted', EVERYWHERE_WITHIN);
  await admin.sendTo(ADA, { title: uniqueTitle('Muted, to one') });
  await admin.sendNotice({ title: uniqueTitle('Muted, to all') });
  await messages.mode.selectOption('With a toast');
  await expect(row(otherDevice, 'Updates').mode).toHaveValue('toast', EVERYWHERE_WITHIN);
  const loud = uniqueTitle('With a toast');
  await admin.sendTo(ADA, { title: loud });
  for (const page of [ada.page, otherTab, otherDevice]) await bell(page).showsUnread(2, EVERYWHERE_WITHIN);
  await expect(toasts(otherDevice, loud)).toBeVisible();
  for (const page of [ada.page, otherTab, otherDevice]) {
    await expect(toasts(page, quiet)).toHaveCount(0);
    await expect(toasts(page, 'Muted')).toHaveCount(0);
  }
  await otherTab.reload();
  await bell(otherTab).showsUnread(2);
});

test('the desktop is asked for on a click alone, and is used only while the tab is hidden', async ({
  admin,
  signIn,
}) => {
  const { page } = await signIn(ADA, { path: SETTINGS });
  await fakeDesktop(page, 'default');
  const messages = row(page, 'Updates');
  await expect(messages.desktop).toBeEnabled();
  expect(await page.evaluate(() => window.asked)).toBe(0);
  await messages.desktop.check();
  await messages.sound.check();
  await expect.poll(() => page.evaluate(() => window.asked)).toBe(1);
  await expect(saved(page)).toBeVisible();

  const seen = uniqueTitle('While one looks');
  await admin.sendTo(ADA, { title: seen });
  await expect(toasts(page, seen)).toBeVisible();
  expect(await onDesktop(page)).toEqual([]);
  await expect.poll(() => page.evaluate(() => window.rang)).toBeGreaterThan(0);

  await setHidden(page, true);
  const unseen = uniqueTitle('While one looks elsewhere');
  await admin.sendTo(ADA, { title: unseen, link: '/inbox' });
  await expect.poll(() => onDesktop(page)).toEqual([unseen]);
  await setHidden(page, false);
  await page.evaluate(() => window.shownOnDesktop[0]?.press());
  await expect(page).toHaveURL('/inbox');
  await bell(page).showsUnread(1);
});

test('who has refused the desktop is told how to allow it', async ({ signIn }) => {
  const { page } = await signIn(ADA, { path: SETTINGS });
  await fakeDesktop(page, 'denied');
  await expect(page.getByText('To allow them, press the sign beside the address')).toBeVisible();
  await expect(row(page, 'Updates').desktop).toBeDisabled();
});

test('in quiet hours only what is critical makes itself known, and trying says so', async ({
  admin,
  signIn,
}) => {
  const { page } = await signIn(ADA, { path: SETTINGS, timezoneId: 'Asia/Taipei' });
  const at = (offset: number) =>
    new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'Asia/Taipei' }).format(
      Date.now() + offset,
    );
  await page.getByRole('checkbox', { name: 'Keep quiet hours' }).check();
  await expect(page.getByRole('combobox', { name: 'Time zone' })).toHaveValue('Asia/Taipei');
  await page.getByLabel('From', { exact: true }).fill(at(-HOUR_MS));
  await page.getByLabel('Until', { exact: true }).fill(at(HOUR_MS));
  await expect(page.getByText('It is quiet now.')).toBeVisible();
  await expect(saved(page)).toBeVisible();
  await row(page, 'Updates').tryIt.click();
  await expect(row(page, 'Updates').tried).toHaveText(/these are your quiet hours/);

  const soft = uniqueTitle('Can wait');
  const urgent = uniqueTitle('Cannot wait');
  await admin.sendTo(ADA, { title: soft, priority: 'HIGH' });
  await admin.sendTo(ADA, { title: urgent, priority: 'CRITICAL' });
  await expect(toasts(page, urgent)).toBeVisible();
  await bell(page).showsUnread(2);
  await expect(toasts(page, soft)).toHaveCount(0);

  await page.getByRole('checkbox', { name: 'Keep quiet hours' }).uncheck();
  await row(page, 'Updates').tryIt.click();
  await expect(row(page, 'Updates').tried).toHaveText('So it comes: with a toast.');
  await expect(toasts(page, 'An example')).toBeVisible();
});

test('one leaves a topic, and comes back to it, by keyboard alone', async ({ server, signIn }) => {
  const ada = await signIn(ADA);
  subscribeByHand(server.databaseFile, 'project:7');
  await ada.page.goto(SETTINGS);
  const { page } = ada;
  const stop = page.getByRole('button', { name: 'Stop following project:7' });
  await stop.focus();
  await page.keyboard.press('Enter');
  const again = page.getByRole('button', { name: 'Follow project:7 again' });
  await expect(again).toBeFocused();
  await expect(page.getByText('You have left this topic.')).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(stop).toBeFocused();

  await row(page, 'Updates').mode.focus();
  await page.keyboard.press('ArrowDown');
  await expect(row(page, 'Updates').mode).toHaveValue('inbox');
  await expect(row(page, 'Updates').sound).toBeDisabled();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Tab');
  await expect(row(page, 'Updates').sound).toBeFocused();
  await page.keyboard.press('Space');
  await expect(row(page, 'Updates').sound).toBeChecked();
  await expect(saved(page)).toBeVisible();
});

test('a change that the server does not hear of is taken back, with a sentence', async ({
  expectErrors,
  signIn,
}) => {
  expectErrors(/net::ERR_|Failed to fetch/);
  const { page, context } = await signIn(ADA, { path: SETTINGS });
  await expect(row(page, 'Updates').mode).toBeVisible();
  await context.route('**/notifications/settings*', (route) =>
    route.request().method() === 'POST' ? route.abort() : route.continue(),
  );
  await row(page, 'Updates').mode.selectOption('Muted');
  await expect(page.getByRole('alert').filter({ hasText: 'The server cannot be reached.' })).toBeVisible();
  await expect(row(page, 'Updates').mode).toHaveValue('toast');
});

for (const { colorScheme, width, tag = [] } of [
  { colorScheme: 'light', width: 1280 },
  { colorScheme: 'dark', width: 1280, tag: '@long' },
  { colorScheme: 'light', width: 380 },
  { colorScheme: 'dark', width: 380, tag: '@long' },
] as { colorScheme: 'light' | 'dark'; width: number; tag?: string }[]) {
  test(`the settings have no accessibility violation, ${colorScheme}, ${width} pixels wide`, { tag }, async ({
    server,
    signIn,
  }) => {
    const viewport = { width, height: 800 };
    const { page } = await signIn(ADA, { path: SETTINGS, colorScheme, viewport, reducedMotion: 'reduce' });
    subscribeByHand(server.databaseFile, 'project:7');
    await page.reload();
    await page.getByRole('checkbox', { name: 'Keep quiet hours' }).check();
    await row(page, 'Questions').mode.selectOption('Muted');
    await expect(saved(page)).toBeVisible();
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ target }) => target)])).toEqual([]);
    const overflow = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;
    expect(await page.evaluate(overflow)).toBe(0);
  });
}

/** As the app does with `subscribe`, which only its own code can call. */
function subscribeByHand(file: string, topic: string): void {
  const database = new Database(file);
  try {
    database.pragma('busy_timeout = 5000');
    database.prepare('INSERT OR IGNORE INTO belfry_topic (name) VALUES (?)').run(topic);
    database
      .prepare(
        `INSERT OR IGNORE INTO belfry_topic_member (topic_id, recipient_id, since_event_id)
         SELECT t.id, r.id, (SELECT COALESCE(MAX(id), 0) FROM belfry_event)
         FROM belfry_topic t, belfry_recipient r, user u
         WHERE t.name = ? AND u.email = ? AND r.external_id = CAST(u.id AS TEXT) AND NOT EXISTS (
           SELECT 1 FROM belfry_topic_member m
           WHERE m.topic_id = t.id AND m.recipient_id = r.id AND m.until_event_id IS NULL)`,
      )
      .run(topic, ADA);
  } finally {
    database.close();
  }
}
