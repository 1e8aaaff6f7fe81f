/** The first page of visitors: a picture that moves, for whoever wants that. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';

// The longest step of the story, and a little more.
const STEP_MS = 4_500;

const picture = (page: Page) => page.getByRole('img', { name: /^A picture of the app/ });

test('the picture tells its story, and stands still once it is paused', async ({ openBrowser }) => {
  const page = await (await openBrowser()).newPage();
  await page.goto('/');
  const drawn = () => picture(page).innerHTML();
  const atFirst = await drawn();
  await expect.poll(drawn, { timeout: STEP_MS * 2 }).not.toBe(atFirst);
  await page.getByRole('button', { name: 'Pause' }).click();
  const paused = await drawn();
  await page.waitForTimeout(STEP_MS);
  expect(await drawn()).toBe(paused);
  await page.getByRole('button', { name: 'Play' }).click();
  await expect.poll(drawn, { timeout: STEP_MS * 2 }).not.toBe(paused);
});

test('it does not go on where nobody can see it', { tag: '@long' }, async ({ openBrowser }) => {
  const page = await (await openBrowser({ viewport: { width: 1280, height: 400 } })).newPage();
  await page.goto('/');
  await expect(page.getByRole('button', { name: 'Pause' })).toBeAttached();
  await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
  await page.waitForTimeout(500);
  const away = await picture(page).innerHTML();
  await page.waitForTimeout(STEP_MS);
  expect(await picture(page).innerHTML()).toBe(away);
});

test('for whoever wants no motion it is one still picture', async ({ openBrowser }) => {
  const page = await (await openBrowser({ reducedMotion: 'reduce' })).newPage();
  await page.goto('/');
  const atFirst = await picture(page).innerHTML();
  await page.waitForTimeout(STEP_MS);
  expect(await picture(page).innerHTML()).toBe(atFirst);
  await expect(page.getByRole('button', { name: 'Pause' })).toHaveCount(0);
  expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
});

test('nothing in it takes the focus, and nothing around it moves', async ({ openBrowser }) => {
  const page = await (await openBrowser()).newPage();
  await page.addInitScript(() => {
    Reflect.set(window, 'shift', 0);
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number })[])
        Reflect.set(window, 'shift', Reflect.get(window, 'shift') + entry.value);
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await page.goto('/');
  await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible();
  await page.waitForTimeout(STEP_MS * 2);
  expect(await page.evaluate(() => Reflect.get(window, 'shift'))).toBeLessThan(0.01);
  const inPicture = async () => picture(page).evaluate((box) => box.contains(document.activeElement));
  for (let stop = 0; stop < 8; stop++) {
    await page.keyboard.press('Tab');
    expect(await inPicture()).toBe(false);
  }
  // What a screen reader has of it is its name.
  await expect(picture(page)).toMatchAriaSnapshot('- img /A picture of the app/');
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`every step of the story is accessible, ${colorScheme}`, { tag: '@long' }, async ({ openBrowser }) => {
    test.setTimeout(120_000);
    const page = await (await openBrowser({ colorScheme })).newPage();
    await page.goto('/');
    await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible();
    for (let step = 0; step < 6; step++) {
      const before = await picture(page).innerHTML();
      await expect.poll(() => picture(page).innerHTML(), { timeout: STEP_MS * 3 }).not.toBe(before);
      await page.getByRole('button', { name: 'Pause' }).click();
      // What fades has not its colours yet.
      await page.waitForTimeout(600);
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect.soft(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
      await page.getByRole('button', { name: 'Play' }).click();
    }
  });
}
