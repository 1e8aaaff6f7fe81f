/** Every page and what opens on it, on small screens, with large text, zoomed and in forced colours. */
import type { Page } from '@playwright/test';
import { ADA, ADMIN, bell, confirmation, expect, isReady, test, toasts, uniqueTitle } from './fixtures.ts';

interface Look {
  name: string;
  width: number;
  height: number;
  /** The reader's text size, as a factor. */
  text?: number;
  forcedColors?: 'active';
  /** Left to `npm run test:all`. */
  long?: true;
}

const LOOKS: Look[] = [
  { name: 'zoomed to 400 %', width: 320, height: 256, long: true },
  { name: 'a phone on its side', width: 568, height: 320, long: true },
  { name: 'text at 200 %', width: 1280, height: 800, text: 2, long: true },
  { name: 'text at 200 % on half a screen', width: 640, height: 800, text: 2, long: true },
  { name: 'text at 200 % on a phone', width: 380, height: 760, text: 2 },
  { name: 'forced colours', width: 1280, height: 800, forcedColors: 'active', long: true },
];

// No place to break, and longer than any line.
const WORD = 'Donaudampfschifffahrtsgesellschaftskapitaen'.repeat(4);
const PATH = `/${'reports-without-a-space'.repeat(12)}`;
const HOST = `https://${'a-long-name.'.repeat(18)}example.com/`;

for (const look of LOOKS) {
  const { name, width, height, text = 1, forcedColors } = look;
  const options = {
    viewport: { width, height },
    reducedMotion: 'reduce' as const,
    ...(forcedColors ? { forcedColors } : {}),
  };

  const withText = async (page: Page) => {
    if (text === 1) return;
    await page.evaluate(
      (size) => {
        document.documentElement.style.fontSize = size;
      },
      `${text * 100}%`,
    );
  };
  const expectUsable = async (page: Page, state: string) => {
    await withText(page);
    await expect.soft(page.locator('body'), state).toBeVisible();
    // What grows moves its neighbours with the next frame.
    await expect
      .soft(async () => expect(await findTrouble(page, forcedColors !== undefined)).toEqual([]), state)
      .toPass({ timeout: 2_000 });
  };

  test(`with ${name} everything is on the screen, has an edge and can be pressed`, {
    tag: look.long ? '@long' : [],
  }, async ({ admin, expectErrors, makeAccount, openBrowser, server, signIn }) => {
    test.setTimeout(120_000);
    expectErrors(/status of 40[134]/);
    const visitor = await (await openBrowser(options)).newPage();
    await visitor.goto('/');
    await expectUsable(visitor, 'first page');
    await visitor.goto('/sign-in');
    await withText(visitor);
    await visitor.getByRole('button', { name: 'Sign in', exact: true }).click();
    await expect(visitor.getByRole('alert').filter({ hasText: 'Enter' })).toBeVisible();
    await expectUsable(visitor, 'sign-in with a problem');
    await visitor.goto('/nowhere');
    await expectUsable(visitor, 'not found');

    for (const [n, link] of [PATH, HOST, undefined].entries()) {
      await admin.sendTo(ADA, {
        title: `${uniqueTitle('Long')} ${WORD}`,
        message: `${WORD}\n${'Some words. '.repeat(40)}`,
        priority: (['LOW', 'HIGH', 'CRITICAL'] as const)[n] ?? 'NORMAL',
        ...(link ? { link } : {}),
        expiresIn: 3_600,
      });
    }
    const { page } = await signIn(ADA, options);
    await bell(page).showsUnread(3);
    await expectUsable(page, 'home');
    await page.getByRole('button', { name: /^Account of/ }).click();
    await expectUsable(page, 'account menu');
    await page.keyboard.press('Escape');
    await bell(page).open();
    await expect(bell(page).items.first()).toBeVisible();
    await expectUsable(page, 'panel');
    await bell(page).items.first().getByRole('button', { name: 'Show all' }).click();
    await expectUsable(page, 'panel with a long text');
    await bell(page).close();
    await page.goto('/inbox');
    await expect(page.getByRole('article')).toHaveCount(3);
    await expectUsable(page, 'inbox');
    await page.goto('/');
    await isReady(page);
    await withText(page);

    for (const [n, link] of [PATH, HOST, undefined].entries()) {
      await admin.sendTo(ADA, {
        title: `Toast ${n} ${WORD}`,
        message: WORD,
        priority: 'CRITICAL',
        ...(link ? { link } : {}),
      });
    }
    // On a small screen one, and the line that counts the others.
    const isSmall = width < 640 || height <= 400;
    await expect(toasts(page)).toHaveCount(isSmall ? 2 : 3);
    await expectUsable(page, 'toasts');

    const account = await makeAccount(`Wilhelmina ${WORD}`.slice(0, 100));
    const desk = await signIn(account.email, { ...options, password: account.password, path: '/admin' });
    await desk.page.getByLabel('Title').fill(WORD);
    await desk.page.getByLabel('Message').fill(WORD);
    await desk.page.getByLabel('Link').fill(HOST);
    await expectUsable(desk.page, 'admin');
    await desk.page.getByRole('button', { name: 'Send to everyone' }).click();
    await expect(confirmation(desk.page)).toBeVisible();
    await expectUsable(desk.page, 'confirmation');
    await confirmation(desk.page).getByRole('button', { name: 'Send' }).click();
    await expect(desk.page.getByText('was sent to everyone.')).toBeVisible();
    await expect(desk.page.getByRole('row').filter({ hasText: WORD }).first()).toBeVisible();
    await expect(toasts(desk.page)).not.toHaveCount(0);
    await desk.http.post('/notifications/clear');
    await expect(toasts(desk.page)).toHaveCount(0);
    await expectUsable(desk.page, 'admin after sending');

    await server.signIn(account.email, account.password);
    await desk.page.goto('/settings/account');
    await expectUsable(desk.page, 'account');
    await desk.page.getByRole('button', { name: 'End all other sessions' }).click();
    await expect(desk.page.getByRole('dialog')).toBeVisible();
    await expectUsable(desk.page, 'a question about sessions');
  });
}

test('in forced colours the shapes say what the colours say', async ({ admin, signIn }) => {
  const { http, page } = await signIn(ADMIN, { forcedColors: 'active' });
  const drawings = new Set<string>();
  for (const priority of ['LOW', 'NORMAL', 'HIGH', 'CRITICAL'] as const) {
    const title = uniqueTitle(priority);
    await admin.sendTo(ADMIN, { title, priority });
    const mark = toasts(page, title).locator('svg').first();
    await expect(mark).toBeVisible();
    drawings.add(await mark.innerHTML());
    await http.post('/notifications/clear');
    await expect(toasts(page)).toHaveCount(0);
  }
  expect(drawings.size).toBe(4);
});

/** What leaves the screen or its card, is covered, or has no edge; runs in the page. */
async function findTrouble(page: Page, needsEdges: boolean): Promise<string[]> {
  return page.evaluate((needsEdges) => {
    const trouble: string[] = [];
    const nameOf = (element: Element) =>
      `${element.tagName.toLowerCase()} “${(element.getAttribute('aria-label') ?? element.textContent ?? '').trim().slice(0, 30)}”`;
    const isShown = (element: Element) =>
      element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
      element.closest('[inert]') === null;
    // What is open lies on top of the page.
    const root: Element = document.querySelector('dialog[open], :popover-open') ?? document.body;
    /** For screen readers alone. */
    const isUnseen = (element: Element | null): boolean => {
      if (!element || element === document.body) return false;
      const { width, height } = element.getBoundingClientRect();
      return (width <= 1 && height <= 1) || isUnseen(element.parentElement);
    };
    const scrollsItself = (element: Element) => {
      for (let each = element.parentElement; each; each = each.parentElement) {
        if (/auto|scroll/.test(getComputedStyle(each).overflowX) && each.scrollWidth > each.clientWidth)
          return true;
      }
      return false;
    };

    if (document.documentElement.scrollWidth > window.innerWidth) trouble.push('the page scrolls sideways');

    for (const element of root.querySelectorAll('*')) {
      if (!isShown(element) || !(element instanceof HTMLElement)) continue;
      const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.nodeValue?.trim());
      const box = element.getBoundingClientRect();
      if (!hasText || isUnseen(element) || box.width === 0 || scrollsItself(element)) continue;
      const card = (
        element.closest('article, dialog, [popover], [role=status], [role=alert], li, form, td, th') ??
        document.documentElement
      ).getBoundingClientRect();
      if (box.right > window.innerWidth + 1 || box.left < -1)
        trouble.push(`${nameOf(element)} leaves the screen`);
      else if (card.width > 1 && (box.right > card.right + 1 || box.left < card.left - 1))
        trouble.push(`${nameOf(element)} leaves its card`);
    }

    const pressable = 'a[href], button, input:not([type=hidden]), select, textarea';
    for (const element of root.querySelectorAll<HTMLElement>(pressable)) {
      if (!isShown(element) || element.matches('[href="#main"]')) continue;
      element.scrollIntoView({ block: 'center', behavior: 'instant' });
      const box = element.getClientRects()[0] ?? element.getBoundingClientRect();
      if (isUnseen(element)) continue;
      if (box.left < -1 || box.right > window.innerWidth + 1)
        trouble.push(`${nameOf(element)} is beside the screen`);
      const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
      const top = document.elementFromPoint(x, y);
      const isReached = top !== null && (element.contains(top) || top.contains(element));
      // A toast lies on top for as long as somebody lets it.
      if (!isReached && !top?.closest('[data-toasts]')) {
        trouble.push(`${nameOf(element)} is under ${top ? nameOf(top) : `nothing at ${x}, ${y}`}`);
      }
      if (!needsEdges || element.tagName === 'A') continue;
      const { backgroundColor, color, outlineStyle, outlineWidth, borderTopWidth } =
        getComputedStyle(element);
      if (backgroundColor === color) trouble.push(`${nameOf(element)} cannot be read`);
      // The browser puts its own ground behind forced text, whatever lies below.
      if (color === getComputedStyle(document.documentElement).backgroundColor)
        trouble.push(`${nameOf(element)} is written in its ground's colour`);
      const hasEdge = (outlineStyle !== 'none' && outlineWidth !== '0px') || borderTopWidth !== '0px';
      if (!hasEdge) trouble.push(`${nameOf(element)} has no edge`);
    }
    window.scrollTo(0, 0);
    return trouble;
  }, needsEdges);
}
