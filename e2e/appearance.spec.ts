/** Light or dark, comfortable or compact: chosen once, and there from the first line of the next document. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { ADA, expect, NETWORK_IS_GONE, test } from './fixtures.ts';

// As browsers that know the colours of the sheet write them, and as all others do.
const DARK = /^(lab\(5\.|rgb\(7, 19, 17\))/;
const LIGHT = /^(lab\(97\.|rgb\(246, 250, 249\))/;

const html = (page: Page) => page.locator('html');

async function choose(page: Page, name: string): Promise<void> {
  await page.getByRole('radio', { name }).check();
}

/** What the server sends, before any script has run. */
async function documentOf(page: Page, path: string): Promise<string> {
  return (await page.request.get(path)).text();
}

async function isKept(page: Page, name: string, value: string): Promise<void> {
  await expect
    .poll(async () => (await page.context().cookies()).find((cookie) => cookie.name === name)?.value)
    .toBe(value);
}

test('a theme that was chosen shows at once, and stands in the first line of every document after it', async ({
  signIn,
}) => {
  const { page } = await signIn(ADA, { path: '/settings/appearance', colorScheme: 'light' });
  await expect(html(page)).toHaveCSS('background-color', LIGHT);
  await choose(page, 'Dark');
  await expect(html(page)).toHaveCSS('background-color', DARK);
  for (const meta of await page.locator('meta[name=theme-color]').all())
    await expect(meta).toHaveAttribute('content', '#071311');
  await isKept(page, 'belfry-theme', 'dark');
  for (const path of ['/', '/inbox', '/settings/appearance', '/nowhere']) {
    const text = await documentOf(page, path);
    expect(text).toMatch(/<html[^>]* data-theme="dark"/);
    expect(text).toContain('<meta name="color-scheme" content="dark"');
    expect([...text.matchAll(/name="theme-color"[^>]*content="([^"]*)"/g)].map(([, color]) => color)).toEqual(
      ['#071311', '#071311'],
    );
  }
  await page.goto('/');
  await expect(html(page)).toHaveCSS('background-color', DARK);
  await page.goto('/settings/appearance');
  await expect(page.getByRole('radio', { name: 'Dark' })).toBeChecked();
});

test('whoever has chosen nothing, or their system, has the theme of their system as it changes', async ({
  signIn,
}) => {
  const { page } = await signIn(ADA, { path: '/settings/appearance', colorScheme: 'dark' });
  await expect(page.getByRole('radio', { name: 'System' })).toBeChecked();
  await expect(html(page)).toHaveCSS('background-color', DARK);
  await choose(page, 'Light');
  await expect(html(page)).toHaveCSS('background-color', LIGHT);
  await choose(page, 'System');
  await expect(html(page)).toHaveCSS('background-color', DARK);
  await page.emulateMedia({ colorScheme: 'light' });
  await expect(html(page)).toHaveCSS('background-color', LIGHT);
  await isKept(page, 'belfry-theme', 'system');
  expect(await documentOf(page, '/')).not.toMatch(/<html[^>]* data-theme/);
});

test('compact lists have narrower rows, from the first line of the document on', async ({ signIn }) => {
  const { page } = await signIn(ADA, { path: '/settings/appearance' });
  const tokens = () =>
    html(page).evaluate((root) =>
      ['--notifications-row-padding', '--notifications-message-lines'].map((name) =>
        getComputedStyle(root).getPropertyValue(name),
      ),
    );
  expect(await tokens()).toEqual(['.625rem', '2']);
  await choose(page, 'Compact');
  expect(await tokens()).toEqual(['.3125rem', '1']);
  await isKept(page, 'belfry-density', 'compact');
  expect(await documentOf(page, '/inbox')).toMatch(/<html[^>]* data-density="compact"/);
});

test('another tab shows what was chosen when one comes back to it', async ({ signIn }) => {
  const { page, openTab } = await signIn(ADA, { path: '/settings/appearance', colorScheme: 'light' });
  const other = await openTab('/');
  await expect(html(other)).toHaveCSS('background-color', LIGHT);
  await choose(page, 'Dark');
  await choose(page, 'Compact');
  await isKept(page, 'belfry-density', 'compact');
  // A headless browser never takes the focus from a page: what it would tell when it comes back is told here.
  await other.evaluate(() => window.dispatchEvent(new Event('focus')));
  await expect(html(other)).toHaveCSS('background-color', DARK);
  await expect(html(other)).toHaveAttribute('data-density', 'compact');
});

test('a choice that could not be kept says so', async ({ signIn, expectErrors }) => {
  expectErrors(NETWORK_IS_GONE);
  const { page, context } = await signIn(ADA, { path: '/settings/appearance' });
  await context.setOffline(true);
  await choose(page, 'Dark');
  await expect(page.getByText('It shows, but could not be kept')).toBeVisible();
  await context.setOffline(false);
  await choose(page, 'Light');
  await expect(page.getByText('It shows, but could not be kept')).toBeHidden();
  await isKept(page, 'belfry-theme', 'light');
});

test('a visitor chooses a theme at the foot of the page, also without scripts', async ({ openBrowser }) => {
  const page = await (await openBrowser({ colorScheme: 'light' })).newPage();
  await page.goto('/sign-in');
  await page.getByRole('combobox', { name: 'Theme' }).selectOption('Dark');
  await expect(html(page)).toHaveCSS('background-color', DARK);
  await isKept(page, 'belfry-theme', 'dark');

  const plain = await (await openBrowser({ colorScheme: 'light', javaScriptEnabled: false })).newPage();
  await plain.goto('/sign-in');
  await plain.getByRole('combobox', { name: 'Theme' }).selectOption('Dark');
  await plain.getByRole('button', { name: 'Use this look' }).press('Enter');
  await expect(plain).toHaveURL(/\/sign-in$/);
  await expect(html(plain)).toHaveAttribute('data-theme', 'dark');
  await expect(html(plain)).toHaveCSS('background-color', DARK);
});

test('another site chooses nothing, and what is no choice is not kept', async ({ server }) => {
  const post = (body: string, origin: string) =>
    fetch(`${server.url}/api/appearance`, {
      method: 'POST',
      redirect: 'manual',
      headers: { Origin: origin, 'Content-Type': 'application/x-www-form-urlencoded' },
      body,
    });
  expect((await post('theme=dark', 'https://evil.example')).status).toBe(403);
  const answer = await post('theme=pink&density=compact&back=//evil.example/', server.url);
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/']);
  expect(answer.headers.getSetCookie().map((cookie) => cookie.split(';')[0])).toEqual([
    'belfry-density=compact',
  ]);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the page about it is accessible and can be used by keyboard alone, ${colorScheme}`, async ({
    signIn,
  }) => {
    const { page } = await signIn(ADA, {
      path: '/settings/appearance',
      colorScheme,
      reducedMotion: 'reduce',
    });
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
    await page.getByRole('radio', { name: 'System' }).focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await expect(page.getByRole('radio', { name: 'Dark' })).toBeChecked();
    await expect(html(page)).toHaveAttribute('data-theme', 'dark');
    await page.keyboard.press('Tab');
    await expect(page.getByRole('radio', { name: 'Comfortable' })).toBeFocused();
  });
}
