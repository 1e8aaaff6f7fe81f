/** For everybody: axe on every page and state, and no motion for those who asked for none. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import {
  ADA,
  ADMIN,
  bell,
  confirmation,
  expect,
  type Notice,
  type Priority,
  test,
  toasts,
  uniqueTitle,
} from './fixtures.ts';

interface Look {
  colorScheme: 'light' | 'dark';
  width: number;
  tag?: string;
}

const LOOKS: Look[] = [
  { colorScheme: 'light', width: 1280 },
  { colorScheme: 'dark', width: 1280, tag: '@long' },
  { colorScheme: 'light', width: 380, tag: '@long' },
  { colorScheme: 'dark', width: 380, tag: '@long' },
];

// Axe takes a second or two for each state.
test.describe.configure({ timeout: 180_000 });

for (const { tag = [], colorScheme, width } of LOOKS) {
  const look = `${colorScheme}, ${width} pixels wide`;
  // Without motion, so that nothing is judged while it fades in.
  const STILL = { colorScheme, reducedMotion: 'reduce', viewport: { width, height: 800 } } as const;

  async function expectAccessible(page: Page, state: string) {
    const axe = new AxeBuilder({ page });
    // Only the contrast depends on the colours.
    if (colorScheme === 'dark') axe.withRules(['color-contrast', 'link-in-text-block']);
    const { violations } = await axe.analyze();
    const found = violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}\n${failureSummary}`),
    );
    expect.soft(found, `${state}, ${look}`).toEqual([]);
  }

  test(`the pages for visitors have no accessibility violation, ${look}`, { tag }, async ({
    expectErrors,
    openBrowser,
  }) => {
    expectErrors(/status of 404/);
    const page = await (await openBrowser(STILL)).newPage();
    await page.goto('/');
    await expectAccessible(page, 'first page');
    await page.goto('/sign-in');
    await expectAccessible(page, 'sign-in');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await expect(page.getByLabel('Email')).toHaveAttribute('aria-invalid', 'true');
    await expectAccessible(page, 'sign-in with a problem');
    await page.goto('/nowhere');
    await expectAccessible(page, 'not found');
  });

  test(`home and its menus, empty and full, have no accessibility violation, ${look}`, {
    tag,
  }, async ({ admin, signIn }) => {
    const { page } = await signIn(ADA, STILL);
    const { close, items, open, panel, showsUnread } = bell(page);
    await showsUnread(0);
    await expectAccessible(page, 'home');
    await page.getByRole('button', { name: /^Account of/ }).click();
    await expectAccessible(page, 'account menu');
    await page.keyboard.press('Escape');
    await open();
    await expect(panel.getByText('Nothing is waiting')).toBeVisible();
    await expectAccessible(page, 'empty panel');
    await close();

    for (const priority of ['LOW', 'NORMAL', 'HIGH', 'CRITICAL'] as const)
      await admin.sendTo(ADA, longNotice(priority));
    await page.reload();
    await showsUnread(4);
    await open();
    await expect(items).toHaveCount(4);
    await expectAccessible(page, 'panel with items');
    await page.goto('/inbox');
    await expect(page.getByRole('article')).toHaveCount(4);
    await expectAccessible(page, 'inbox');
    await page.getByRole('button', { name: 'Done', exact: true }).click();
    await expectAccessible(page, 'inbox, done');
    await page.getByRole('button', { name: 'Snoozed', exact: true }).click();
    await expect(page.getByText('Nothing snoozed')).toBeVisible();
    await expectAccessible(page, 'inbox without anything');
  });

  test(`toasts have no accessibility violation, ${look}`, { tag }, async ({ admin, signIn }) => {
    const { page } = await signIn(ADA, STILL);
    for (const priority of ['LOW', 'HIGH', 'CRITICAL'] as const)
      await admin.sendTo(ADA, longNotice(priority));
    await expect(toasts(page)).toHaveCount(3);
    await expectAccessible(page, 'toasts');
  });

  test(`the account page has no accessibility violation, ${look}`, { tag: '@long' }, async ({
    expectErrors,
    openBrowser,
    server,
    signIn,
  }) => {
    expectErrors(/status of 401/);
    await server.signIn(ADA);
    const { page, context } = await signIn(ADA, { ...STILL, path: '/settings/account' });
    await expectAccessible(page, 'account');
    await page.getByRole('button', { name: 'Change password' }).click();
    await expect(page.getByLabel('Current password')).toHaveAttribute('aria-invalid', 'true');
    await expectAccessible(page, 'account with problems');
    await page.getByRole('button', { name: 'End all other sessions' }).click();
    await expect(page.getByRole('dialog', { name: 'End all other sessions?' })).toBeVisible();
    await expectAccessible(page, 'question about sessions');
    await page.getByRole('button', { name: 'End them' }).click();
    await expect(page.getByText('You are signed out everywhere else.')).toBeVisible();
    const other = await (await openBrowser(STILL)).newPage();
    await other.context().addCookies(await context.cookies());
    await other.goto('/settings/account');
    await expect(other.getByRole('banner').getByText('Live')).toBeAttached();
    await page.getByRole('button', { name: /^Account of/ }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await expect(other.getByText('Your session has ended.')).toBeVisible();
    await expectAccessible(other, 'account of a session that has ended');
  });

  test(`the admin page has no accessibility violation, ${look}`, { tag }, async ({
    admin,
    expectErrors,
    signIn,
  }) => {
    expectErrors(/status of 40[34]/);
    await admin.sendNotice(longNotice('CRITICAL'));
    const { page } = await signIn(ADMIN, { ...STILL, path: '/admin' });
    await expectAccessible(page, 'admin');
    await page.getByLabel('Link').fill('javascript:alert(1)');
    await page.getByRole('button', { name: 'Send to everyone' }).click();
    await expect(page.getByLabel('Title')).toHaveAttribute('aria-invalid', 'true');
    await expectAccessible(page, 'admin with problems');
    await page.getByLabel('Title').fill(uniqueTitle('Confirmed'));
    await page.getByLabel('Message').fill('In so many words.');
    await page.getByLabel('Link').fill(`/${'path/'.repeat(60)}`);
    await page.getByRole('button', { name: 'Send to everyone' }).click();
    await expect(confirmation(page).getByRole('button', { name: 'Send' })).toBeEnabled();
    await expectAccessible(page, 'confirmation');
    await page.goto('/nowhere');
    await expectAccessible(page, 'not found, signed in');

    const ada = await signIn(ADA, STILL);
    await ada.page.goto('/admin');
    await expectAccessible(ada.page, 'not allowed');
  });
}

test('nothing moves for somebody who asked for less motion', async ({ admin, signIn }) => {
  const { page } = await signIn(ADA, { reducedMotion: 'reduce' });
  await page.evaluate(() => {
    const longest = { milliseconds: 0 };
    Object.assign(window, { longest });
    const watch = () => {
      for (const animation of document.getAnimations()) {
        const { activeDuration = 0 } = animation.effect?.getComputedTiming() ?? {};
        longest.milliseconds = Math.max(longest.milliseconds, Number(activeDuration));
      }
      requestAnimationFrame(watch);
    };
    watch();
  });
  await admin.sendTo(ADA, { title: 'Quietly', priority: 'HIGH' });
  await expect(toasts(page, 'Quietly')).toBeVisible();
  await bell(page).open();
  await expect(bell(page).item('Quietly')).toBeVisible();
  const longest = await page.evaluate(
    () => (window as unknown as { longest: { milliseconds: number } }).longest,
  );
  expect(longest.milliseconds).toBeLessThanOrEqual(1);
});

function longNotice(priority: Priority): Notice {
  return {
    title: uniqueTitle(priority),
    message: 'A message of some length, so that it takes more than one line. '.repeat(6),
    priority,
    link: 'https://example.com/',
    expiresIn: 3_600,
  };
}
