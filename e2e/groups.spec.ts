/**
 * Notifications that belong together are one: in the list, in the panel, as a toast. In an app that has a type with a group,
 * with a real Belfry behind it.
 */
import AxeBuilder from '@axe-core/playwright';
import { test as base, expect, type Locator, type Page } from '@playwright/test';
import type { Language } from '../lib/belfry/language/translate.ts';
import { type CommentsApp, startCommentsApp } from '../test/support/comments-app.ts';
import { english } from '../test/support/english.ts';
import { type Bundle, bundle, inLanguage } from './bundle.ts';
import { bell, EVERYWHERE_WITHIN, toasts } from './fixtures.ts';

const STYLES = `:root { color-scheme: light dark; } body { margin: 0; background: Canvas; font-family: sans-serif; }
  header { display: flex; justify-content: flex-end; }`;

const test = base.extend<{ app: CommentsApp; open: (path?: string) => Promise<Page> }, { parts: Bundle }>({
  parts: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures from the pattern
    async ({}, use) => use(await bundle('comments-page.tsx')),
    { scope: 'worker' },
  ],
  app: async ({ parts }, use) => {
    const app = await startCommentsApp(pageOf(parts, english));
    await use(app);
    await app.close();
  },
  open: async ({ app, context }, use) => {
    await use(async (path = '/') => {
      const page = await context.newPage();
      await page.goto(`${app.url}${path}`);
      await expect(bell(page).button).toHaveAccessibleName(/^Notifications, \d+ unread$/);
      return page;
    });
  },
});

function pageOf({ script, styles }: Bundle, language: Language): string {
  return `<!doctype html><html lang="${language.locale}"><meta charset="utf-8"><title>Posts</title><style>${STYLES}${styles}</style><body><script>${inLanguage(language)}${script.replaceAll('</script', '<\\/script')}</script>`;
}

async function commented({ comment }: CommentsApp, ...authors: string[]): Promise<void> {
  for (const author of authors) await comment(author);
}

/** The entry of the comments on the roadmap, by what is said of them together. */
const group = (list: Locator, title: string) =>
  list
    .getByRole('article')
    .filter({ has: list.page().getByRole('heading', { name: title, exact: true }) })
    .first();
const itemIn = (list: Locator, author: string) =>
  list.getByRole('listitem').filter({ hasText: `${author} commented on the roadmap` });

test('four comments are one entry, which opens; one is dismissed, then the rest in one request, everywhere', async ({
  app,
  open,
}) => {
  await commented(app, 'Ada', 'Ben', 'Cleo');
  await app.belfry.sendUserNotification({ targetUserId: 'ada', title: 'Tea', message: 'At four.' });
  await commented(app, 'Dan');
  const page = await open();
  const second = await open('/inbox');
  await bell(page).showsUnread(5);
  await bell(page).open();
  const { panel, items } = bell(page);
  const all = group(panel, 'Dan and 3 others commented on the roadmap');
  await expect(all).toContainText('A comment by Dan.');
  await expect(all.getByRole('button', { name: 'Like' })).toHaveCount(0);
  await expect(items).toHaveCount(2);
  await expect(panel.getByRole('listitem').first()).toHaveAttribute('aria-setsize', '2');
  const toggle = all.getByRole('button', { name: 'Show all 4' });
  await expect(toggle).toHaveAccessibleDescription('Dan and 3 others commented on the roadmap');
  await toggle.click();

  const inside = panel.getByRole('list', { name: 'Dan and 3 others commented on the roadmap' });
  await expect(inside.getByRole('heading')).toHaveText(
    ['Dan', 'Cleo', 'Ben', 'Ada'].map((author) => `${author} commented on the roadmap`),
  );
  await expect(inside.getByRole('button', { name: 'Like' })).toHaveCount(4);
  await itemIn(inside, 'Cleo').getByRole('button', { name: 'Like' }).click();
  await expect(itemIn(inside, 'Cleo')).toContainText('You chose: Like');
  await itemIn(inside, 'Dan').getByRole('button', { name: 'Dismiss' }).click();
  await expect(group(panel, 'Cleo and 2 others commented on the roadmap')).toBeVisible();
  await expect(group(second.locator('main'), 'Cleo and 2 others commented on the roadmap')).toBeVisible(
    EVERYWHERE_WITHIN,
  );
  await bell(page).showsUnread(3);

  const before = app.changes().length;
  await panel.getByRole('button', { name: 'Dismiss all' }).click();
  await expect(items).toHaveCount(1);
  await bell(page).showsUnread(1);
  await expect(second.getByRole('article')).toHaveCount(1, EVERYWHERE_WITHIN);
  expect(app.changes().slice(before)).toEqual([
    ['dismiss', { group: 'CommentAdded/the roadmap', throughId: expect.any(Number) }],
  ]);
});

test('a group is read as one: with its button, or when its link is followed', async ({ app, open }) => {
  await commented(app, 'Ada', 'Ben', 'Cleo');
  const page = await open('/inbox');
  const all = group(page.locator('main'), 'Cleo and 2 others commented on the roadmap');
  await all.getByRole('button', { name: 'Mark all as read' }).press('Enter');
  await expect(all.getByRole('button', { name: 'Mark all as read' })).toHaveCount(0);
  await expect(all.getByRole('button', { name: 'Show all 3' })).toBeFocused();
  await bell(page).showsUnread(0);

  await commented(app, 'Dan');
  const more = group(page.locator('main'), 'Dan and 3 others commented on the roadmap');
  await bell(page).showsUnread(1);
  await more.getByRole('link', { name: 'Open the post' }).click();
  await bell(page).showsUnread(0);
  expect(app.changes().map(([name]) => name)).toEqual(['read', 'read']);
});

test('by keyboard alone a group is opened, worked through and left as an item, and the focus stays', async ({
  app,
  open,
}) => {
  await app.belfry.sendUserNotification({ targetUserId: 'ada', title: 'Tea', message: 'At four.' });
  await commented(app, 'Ada', 'Ben', 'Cleo');
  const page = await open();
  await bell(page).showsUnread(4);
  await bell(page).button.focus();
  await page.keyboard.press('Enter');
  const { panel, items } = bell(page);
  await expect(items).toHaveCount(2);
  const toggle = panel.getByRole('button', { name: /^Show (all \d|less)$/ });
  await tabTo(page, toggle);
  await page.keyboard.press('Enter');
  await expect(toggle).toHaveText('Show less');
  await expect(toggle).toBeFocused();
  await page.keyboard.press('Space');
  await expect(toggle).toHaveText('Show all 3');
  await expect(toggle).toBeFocused();
  await page.keyboard.press('Space');

  const dismissOf = (author: string) =>
    itemIn(panel.getByRole('list', { name: /commented/ }), author).getByRole('button', { name: 'Dismiss' });
  await tabTo(page, dismissOf('Ben'));
  await page.keyboard.press('Enter');
  await expect(dismissOf('Ada')).toBeFocused();
  await expect(group(panel, 'Cleo and 1 other commented on the roadmap')).toBeVisible();
  // Two are left, then one: it is an item like any other.
  await page.keyboard.press('Enter');
  await expect(toggle).toHaveCount(0);
  const last = group(panel, 'Cleo commented on the roadmap');
  await expect(last.getByRole('button', { name: 'Dismiss' })).toBeFocused();

  // Another comes: what would dismiss both is not what is pressed next.
  await commented(app, 'Dan');
  await expect(toggle).toBeFocused();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await expect(panel.getByRole('button', { name: 'Dismiss all' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(items).toHaveCount(1);
  await expect(bell(page).item('Tea').getByRole('button', { name: 'Dismiss' })).toBeFocused();
});

test('an open group stays open while it grows, wherever the newest puts it', async ({ app, open }) => {
  await commented(app, 'Ada', 'Ben');
  for (const title of ['Tea', 'Cake'])
    await app.belfry.sendUserNotification({ targetUserId: 'ada', title, message: 'At four.' });
  const page = await open('/inbox');
  const toggle = page.getByRole('button', { name: 'Show all 2' });
  await toggle.focus();
  await page.keyboard.press('Enter');
  await commented(app, 'Cleo');
  const first = page.getByRole('listitem').first();
  await expect(first).toContainText('Cleo and 2 others commented on the roadmap');
  const inside = page.getByRole('list', { name: 'Cleo and 2 others commented on the roadmap' });
  await expect(inside.getByRole('article')).toHaveCount(3);
  await expect(page.getByRole('button', { name: 'Show less' })).toBeFocused();
});

test('what stands further down than the list is fetched when its group is opened', async ({ app, open }) => {
  await commented(app, 'Ada', 'Ben', 'Cleo');
  const notices = Array.from({ length: 110 }, (_, n) => `Number ${n + 1}`);
  for (const title of notices)
    await app.belfry.sendUserNotification({ targetUserId: 'ada', title, message: 'For you.' });
  await commented(app, 'Dan');
  const page = await open();
  await bell(page).open();
  const { panel, showsUnread } = bell(page);
  const all = group(panel, 'Dan and 3 others commented on the roadmap');
  await expect(panel.getByRole('listitem').first()).toHaveAttribute('aria-setsize', '-1');
  await all.getByRole('button', { name: 'Show all 4' }).click();
  const inside = panel.getByRole('list', { name: /commented/ });
  await expect(inside.getByRole('article')).toHaveCount(4);
  await itemIn(inside, 'Ben').getByRole('button', { name: 'Dismiss' }).click();
  await expect(inside.getByRole('article')).toHaveCount(3);
  await expect(group(panel, 'Dan and 2 others commented on the roadmap')).toBeVisible();
  await showsUnread(113);
  await panel.getByRole('button', { name: 'Dismiss all' }).click();
  await showsUnread(110);
});

test('of a group one toast is on the screen: the newest, which says how many there are', async ({
  app,
  open,
}) => {
  const page = await open();
  await commented(app, 'Ada');
  await expect(toasts(page)).toHaveText(/Ada commented on the roadmap/);
  await expect(toasts(page).getByRole('button', { name: 'Like' })).toBeVisible();
  await commented(app, 'Ben', 'Cleo', 'Dan');
  await expect(toasts(page, 'Dan and 3 others commented on the roadmap')).toBeVisible();
  await expect(toasts(page)).toHaveCount(1);
  await expect(toasts(page).getByRole('button', { name: 'Like' })).toHaveCount(0);
  await bell(page).showsUnread(4);
  await toasts(page).getByRole('link', { name: 'Open the post' }).click();
  await bell(page).showsUnread(0);
});

for (const { colorScheme, width, tag } of [
  { colorScheme: 'light', width: 1_000, tag: [] as string[] },
  { colorScheme: 'dark', width: 380, tag: '@long' },
] as const) {
  test(
    `closed and open, ${colorScheme} and ${width} pixels wide, a group has no accessibility violation`,
    {
      tag,
    },
    async ({ app, open }, testInfo) => {
      test.setTimeout(90_000);
      await app.comment('Ada');
      await app.comment('Ben', { text: 'Long words and more of them. '.repeat(20) });
      await app.comment('Cleo');
      await app.comment('Wilhelmina '.repeat(8), { text: 'Short.' });
      await app.belfry.sendUserNotification({ targetUserId: 'ada', title: 'Tea', message: 'At four.' });
      for (const path of ['/', '/inbox']) {
        const page = await open(path);
        await page.setViewportSize({ width, height: 800 });
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        if (path === '/') await bell(page).open();
        for (const state of ['closed', 'open']) {
          if (state === 'open') await page.getByRole('button', { name: 'Show all 4' }).click();
          await expect(page.getByRole('article')).toHaveCount(state === 'open' ? 6 : 2);
          const axe = new AxeBuilder({ page });
          // Only the contrast depends on the colours.
          if (colorScheme === 'dark') axe.withRules(['color-contrast', 'link-in-text-block']);
          const { violations } = await axe.analyze();
          const found = violations.flatMap(({ id, nodes }) =>
            nodes.map(({ failureSummary }) => `${id}: ${failureSummary}`),
          );
          expect.soft(found, `${path} ${state}`).toEqual([]);
          expect.soft(await beyondScreen(page), `${path} ${state}`).toEqual([]);
          const body = await page.screenshot({ animations: 'disabled' });
          await testInfo.attach(`${path} ${state}`, { body, contentType: 'image/png' });
        }
        await page.close();
      }
    },
  );
}

/** Presses Tab until that has the focus. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let tabs = 0; tabs < 30; tabs += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  await expect(target).toBeFocused();
}

/** What of the entries reaches beyond the sides of the screen. */
function beyondScreen(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('article, article *')]
      .filter((element) => {
        const { left, right, width } = element.getBoundingClientRect();
        return width > 1 && (left < -1 || right > window.innerWidth + 1);
      })
      .map((element) => `${element.className}: ${element.textContent}`),
  );
}
