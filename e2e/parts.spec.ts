/** The parts in apps that have no reset, no Tailwind and none of this app's colours. */
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import type { Language } from '../lib/belfry/language/translate.ts';
import { english } from '../test/support/english.ts';
import { itemOf } from '../test/support/items.ts';
import { pseudoLanguage } from '../test/support/pseudo-language.ts';
import { type Bundle, bundle, inLanguage } from './bundle.ts';

const SITE = 'http://app.test';
const START = new Date().toISOString();

// Of what `shadcn init` writes for "neutral".
const SHADCN = {
  light: `--background: oklch(1 0 0); --foreground: oklch(0.145 0 0); --popover: oklch(1 0 0);
    --popover-foreground: oklch(0.145 0 0); --primary: oklch(0.205 0 0); --primary-foreground: oklch(0.985 0 0);
    --secondary: oklch(0.97 0 0); --muted: oklch(0.97 0 0); --muted-foreground: oklch(0.556 0 0);
    --accent: oklch(0.97 0 0); --border: oklch(0.922 0 0); --input: oklch(0.922 0 0); --ring: oklch(0.708 0 0);`,
  dark: `--background: oklch(0.145 0 0); --foreground: oklch(0.985 0 0); --popover: oklch(0.205 0 0);
    --popover-foreground: oklch(0.985 0 0); --primary: oklch(0.922 0 0); --primary-foreground: oklch(0.205 0 0);
    --secondary: oklch(0.269 0 0); --muted: oklch(0.269 0 0); --muted-foreground: oklch(0.708 0 0);
    --accent: oklch(0.269 0 0); --border: oklch(1 0 0 / 10%); --input: oklch(1 0 0 / 15%); --ring: oklch(0.556 0 0);`,
};

const CREATE_NEXT_APP = 'an app as create-next-app makes it';
const SHADCN_APP = 'an app with the colours of shadcn';

const APPS = {
  'an app that says nothing of its colours': '',
  // The ground is said for axe, which takes every page that says nothing for white.
  'an app that follows the reader': ':root { color-scheme: light dark; } body { background: Canvas; }',
  [CREATE_NEXT_APP]: `:root { --background: #ffffff; --foreground: #171717; }
    @media (prefers-color-scheme: dark) { :root { --background: #0a0a0a; --foreground: #ededed; } }
    body { background: var(--background); color: var(--foreground); }`,
  // As shadcn does it, with a class and without `color-scheme`.
  [SHADCN_APP]: `:root { ${SHADCN.light} } .dark { ${SHADCN.dark} } body { background: var(--background); color: var(--foreground); }`,
};

let parts: Bundle;

test.beforeAll(async () => {
  parts = await bundle('parts-page.tsx');
});

async function openApp(
  page: Page,
  { styles, dark, language = english }: { styles: string; dark: boolean; language?: Language },
): Promise<void> {
  await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light', reducedMotion: 'reduce' });
  await page.route(`${SITE}/**`, (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname === '/') {
      const body = `<!doctype html><html lang="${language.locale}" dir="${language.direction}" class="${dark ? 'dark' : ''}"><title>App</title><style>${styles}${parts.styles}</style><body>`;
      return route.fulfill({ contentType: 'text/html', body });
    }
    if (pathname.startsWith('/sse/')) return route.abort();
    const items = [itemOf(2, { priority: 'HIGH' }), itemOf(1, { link: '/inbox' })];
    const totals = { unread: 2, inbox: 2, done: 0, snoozed: 0 };
    const about = { state: 'h.2.0', totals, unreadTotal: 2, readAt: START, nextExpiresAt: null };
    return route.fulfill({ json: { ...about, notifications: items, pinned: [], nextCursor: null } });
  });
  await page.goto(SITE);
  await page.addScriptTag({ content: `${inLanguage(language)}${parts.script}` });
  // The stream is refused, so the page polls, and says so.
  await expect(page.locator('.belfry-bell')).toHaveAccessibleName(/2/);
}

test('in the dark an app as create-next-app makes it, which says nothing of `color-scheme`, has a dark panel', {
  tag: '@long',
}, async ({ page }) => {
  await openApp(page, { styles: APPS[CREATE_NEXT_APP], dark: true });
  await page.getByRole('button', { name: /^Notifications/ }).click();
  const panel = page.getByRole('dialog', { name: 'Notifications' });
  await expect(panel).toHaveCSS('background-color', 'rgb(10, 10, 10)');
  await expect(panel).toHaveCSS('color', 'rgb(237, 237, 237)');
});

for (const [app, styles] of Object.entries(APPS)) {
  for (const dark of [false, true]) {
    const isShort = app === SHADCN_APP && !dark;
    test(
      `in ${app}, ${dark ? 'dark' : 'light'}, every text can be read`,
      { tag: isShort ? [] : '@long' },
      async ({ page }, testInfo) => {
        await openApp(page, { styles, dark });
        await page.getByRole('button', { name: /^Notifications/ }).click();
        const panel = page.getByRole('dialog', { name: 'Notifications' });
        await expect(panel.getByRole('article')).toHaveCount(2);
        await testInfo.attach('app', {
          body: await page.screenshot({ fullPage: true }),
          contentType: 'image/png',
        });
        const axe = new AxeBuilder({ page }).withRules(['color-contrast', 'link-in-text-block']);
        const { violations } = await axe.analyze();
        expect(violations.flatMap(({ nodes }) => nodes.map(({ failureSummary }) => failureSummary))).toEqual(
          [],
        );
      },
    );
  }
}

test('without a reset the parts keep their measures', { tag: '@long' }, async ({ page }) => {
  await openApp(page, { styles: '', dark: false });
  await page.getByRole('button', { name: /^Notifications/ }).click();
  const panel = page.getByRole('dialog', { name: 'Notifications' });
  await expect(panel.getByRole('article')).toHaveCount(2);
  const measures = await panel.evaluate((dialog) => {
    const of = (selector: string) => {
      const element = dialog.querySelector(selector) as HTMLElement;
      const { margin, padding, borderTopWidth, listStyleType, fontFamily } = getComputedStyle(element);
      return { margin, padding, borderTopWidth, listStyleType, fontFamily };
    };
    const font = getComputedStyle(document.body).fontFamily;
    return {
      list: of('ul'),
      heading: of('h2').margin,
      text: of('article p').margin,
      button: of('[data-dismiss]'),
      hasFontOfPage: of('[data-dismiss]').fontFamily === font,
    };
  });
  expect(measures).toMatchObject({
    list: { margin: '0px', padding: '0px', listStyleType: 'none' },
    heading: '0px',
    text: '2px 0px 0px',
    button: { margin: '0px', borderTopWidth: '0px' },
    hasFontOfPage: true,
  });
  expect((await panel.boundingBox())?.width).toBe(416);
});

test('in a long language from right to left all parts stay on a small screen', async ({ page }) => {
  await page.setViewportSize({ width: 380, height: 800 });
  await openApp(page, { styles: APPS[CREATE_NEXT_APP], dark: false, language: pseudoLanguage });
  expect(await beyondScreen(page)).toEqual([]);
  await page.locator('.belfry-bell').click();
  const panel = page.getByRole('dialog');
  await expect(panel.getByRole('article')).toHaveCount(2);
  expect(await beyondScreen(page)).toEqual([]);
});

test('from right to left the panel opens inside the page, below the bell', async ({ page }) => {
  await page.setViewportSize({ width: 1_000, height: 800 });
  const bellAtEnd = 'header { display: flex; justify-content: flex-end; }';
  await openApp(page, { styles: bellAtEnd, dark: false, language: pseudoLanguage });
  await page.locator('.belfry-bell').click();
  const panel = page.getByRole('dialog');
  await expect(panel.getByRole('article')).toHaveCount(2);
  expect(await beyondScreen(page)).toEqual([]);
  const [panelBox, bellBox] = [await panel.boundingBox(), await page.locator('.belfry-bell').boundingBox()];
  expect(bellBox?.x).toBeLessThan(100);
  expect(panelBox?.x).toBeCloseTo(bellBox?.x ?? 0, 0);
});

/** What of the parts reaches beyond the sides of the screen. */
function beyondScreen(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const parts = [
      ...document.querySelectorAll('.belfry-root, .belfry-root *, dialog[open], dialog[open] *'),
    ];
    const isBeyond = (element: Element) => {
      const { left, right, width } = element.getBoundingClientRect();
      return width > 1 && (left < -1 || right > window.innerWidth + 1);
    };
    return parts.filter(isBeyond).map((element) => `${element.className}: ${element.textContent}`);
  });
}
