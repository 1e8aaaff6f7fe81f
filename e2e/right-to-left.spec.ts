/** Every page as a language from right to left has it: the whole of it mirrored, and nothing beside the screen. */
import type { BrowserContext, Page } from '@playwright/test';
import { ADA, ADMIN, BEN, bell, expect, isReady, test, toasts } from './fixtures.ts';

for (const width of [380, 1_280]) {
  test(`from right to left all pages are mirrored and stay on a screen of ${width} px`, {
    tag: width === 380 ? [] : '@long',
  }, async ({ admin, openBrowser, signIn }) => {
    const options = { viewport: { width, height: 800 }, reducedMotion: 'reduce' as const };
    const visitor = await openBrowser(options);
    await turnRound(visitor);
    const page = await visitor.newPage();
    for (const path of ['/', '/sign-in']) {
      await page.goto(path);
      await expectMirrored(page, path);
    }

    await admin.sendTo(ADA, { title: 'فاتورة جديدة', message: 'الدفع قبل يوم الجمعة.', link: '/inbox' });
    await admin.sendTo(ADA, { title: 'A new invoice', priority: 'HIGH', expiresIn: 3_600 });
    const answers = [
      { name: 'yes', label: 'Yes' },
      { name: 'no', label: 'Not today' },
    ];
    await admin.ask([ADA, BEN], { title: 'Deploy?', message: '**Green** by `npm test`.', options: answers });
    const ada = await signIn(ADA, options);
    await turnRound(ada.context);
    await ada.page.goto('/');
    await isReady(ada.page);
    await expectMirrored(ada.page, 'home');
    await ada.page.getByRole('button', { name: /^Account of/ }).click();
    await expectMirrored(ada.page, 'account menu');
    await ada.page.keyboard.press('Escape');
    await bell(ada.page).open();
    await expect(bell(ada.page).items).toHaveCount(3);
    await expectMirrored(ada.page, 'panel');
    await bell(ada.page).close();
    await admin.sendTo(ADA, { title: 'It does not answer', priority: 'CRITICAL' });
    await expect(toasts(ada.page)).toHaveCount(1);
    await expectMirrored(ada.page, 'toast');
    await ada.page.goto('/inbox');
    await expect(ada.page.getByRole('article')).toHaveCount(4);
    await expectMirrored(ada.page, 'inbox');
    await ada.page.goto('/settings/account');
    await isReady(ada.page);
    await ada.page.getByRole('button', { name: 'Change password' }).click();
    await expect(ada.page.getByText('Choose a new password.')).toBeVisible();
    await expectMirrored(ada.page, 'account');

    await admin.sendNotice({ title: 'Maintenance', priority: 'HIGH', expiresIn: 3_600 });
    const desk = await signIn(ADMIN, options);
    await turnRound(desk.context);
    await desk.page.goto('/admin');
    await isReady(desk.page);
    await expect(desk.page.getByRole('row').filter({ hasText: 'Maintenance' }).first()).toBeVisible();
    await expectMirrored(desk.page, 'admin');
    await desk.page.getByLabel('Title').fill('Maintenance');
    await desk.page.getByLabel('Message').fill('From 23:00.');
    await desk.page.getByRole('button', { name: 'Send to everyone' }).click();
    await expect(desk.page.getByRole('dialog')).toBeVisible();
    await expectMirrored(desk.page, 'confirmation');
  });
}

/** Neither of the app's languages is written from right to left: the pages come as if theirs was. */
async function turnRound(context: BrowserContext): Promise<void> {
  await context.route('**', async (route) => {
    if (route.request().resourceType() !== 'document') return route.fallback();
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replace('dir="ltr"', 'dir="rtl"') });
  });
}

async function expectMirrored(page: Page, state: string): Promise<void> {
  // What grows moves its neighbours with the next frame.
  await expect
    .soft(async () => expect(await page.evaluate(findUnmirrored)).toEqual([]), state)
    .toPass({ timeout: 2_000 });
}

/** What is beside the screen, or not where it belongs; runs in the page. */
function findUnmirrored(): string[] {
  const root = document.documentElement;
  if (root.dir !== 'rtl') return ['the page is not from right to left'];
  const trouble: string[] = [];
  if (root.scrollWidth > window.innerWidth) trouble.push('the page scrolls sideways');
  /** For screen readers alone. */
  const isUnseen = (part: Element | null): boolean =>
    part !== null &&
    part !== document.body &&
    (part.getBoundingClientRect().width <= 1 || isUnseen(part.parentElement));
  // In a line each text goes its own way.
  const parts = [...document.querySelectorAll('body *')].filter(
    (part) =>
      part.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
      !isUnseen(part) &&
      getComputedStyle(part).display !== 'inline',
  );
  const boxes = () => parts.map((part) => part.getBoundingClientRect());
  const here = boxes();
  root.dir = 'ltr';
  const mirrored = boxes();
  root.dir = 'rtl';
  for (const [at, box] of here.entries()) {
    const part = parts[at] as Element;
    const name = `${part.tagName.toLowerCase()} “${(part.getAttribute('aria-label') ?? part.textContent ?? '').trim().slice(0, 30)}”`;
    if (box.left < -1 || box.right > window.innerWidth + 1) trouble.push(`${name} leaves the screen`);
    const expected = window.innerWidth - (mirrored[at]?.right ?? 0);
    if (Math.abs(box.left - expected) > 1.5)
      trouble.push(`${name} begins at ${box.left}, not at ${expected}`);
  }
  return trouble;
}
