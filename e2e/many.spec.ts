/** A thousand notifications, and a hundred a second: the page stays what it is. */
import type { Locator } from '@playwright/test';
import { ADA, bell, expect, repeat, test } from './fixtures.ts';

const MANY = 1_000;
const BURST = 500;
// A screen of them, and some beyond on both sides.
const FEW = 40;

test.describe.configure({ timeout: 120_000 });

test('of a thousand notifications only those in view are in the page, and each can be reached and dismissed', async ({
  admin,
  server,
  signIn,
}) => {
  repeat(server.databaseFile, await admin.sendTo(ADA, { title: 'Number 1' }), MANY);
  const { page } = await signIn(ADA);
  const { dismiss, item, items, open, panel, scrollTo, showsUnread } = bell(page);
  await showsUnread(MANY);
  await open();
  await loadAll(panel);

  const list = panel.getByRole('list');
  const positions = list.getByRole('listitem');
  expect(await items.count()).toBeLessThan(FEW);
  await expect(positions.first()).toHaveAttribute('aria-setsize', String(MANY));

  await scrollTo('end');
  await expect(positions.last()).toHaveAttribute('aria-posinset', String(MANY));
  await expect(items.last()).toBeInViewport();
  expect(await items.count()).toBeLessThan(FEW);

  await scrollTo('middle');
  const middle = await titleInView(panel);
  await dismiss(middle);
  await expect(item(middle)).toHaveCount(0);
  await showsUnread(MANY - 1);
  await expect(positions.first()).toHaveAttribute('aria-setsize', String(MANY - 1));
  expect(await items.count()).toBeLessThan(FEW);

  await page.reload();
  await showsUnread(MANY - 1);
});

test('in a long list whoever works by keyboard loses neither their place nor the focus', {
  tag: '@long',
}, async ({ admin, signIn }) => {
  // More than the stream brings at its start, so that there are older ones to load.
  for (let n = 1; n <= 120; n++) await admin.sendTo(ADA, { title: `Number ${n}` });
  const { page } = await signIn(ADA);
  const { item, open, panel, scrollTo, showsUnread } = bell(page);
  const dismissOf = (n: number) => item(`Number ${n}`).getByRole('button', { name: 'Dismiss' });
  const openerOf = (n: number) => item(`Number ${n}`).locator('[data-open]');
  /** Past the four buttons of a row. */
  const tabToNext = async () => {
    for (let tabs = 0; tabs < 4; tabs++) await page.keyboard.press('Tab');
  };
  await showsUnread(120);
  await open();
  // Whoever comes to it has come near the end: it leaves with the last page.
  await panel.getByRole('button', { name: 'Load older' }).focus();
  await expect(openerOf(20)).toBeFocused();

  await scrollTo('start');
  await expect(item('Number 120')).toBeInViewport();
  await expect(openerOf(20)).toBeFocused();
  await tabToNext();
  await expect(openerOf(19)).toBeFocused();
  await expect(item('Number 19')).toBeInViewport();
  await page.keyboard.press('e');
  await expect(openerOf(18)).toBeFocused();
  await page.keyboard.press('Shift+Tab');
  await expect(dismissOf(20)).toBeFocused();
  await page.keyboard.press('Tab');

  await scrollTo('start');
  for (let n = 18; n > 1; n--) {
    await expect(openerOf(n)).toBeFocused();
    await tabToNext();
  }
  await expect(openerOf(1)).toBeFocused();
  await expect(item('Number 1')).toBeInViewport();
});

test(
  'a hundred notifications a second draw again what they change, and nothing else',
  { tag: '@long' },
  async ({ admin, server, signIn }, testInfo) => {
    repeat(server.databaseFile, await admin.sendTo(ADA, { title: 'Number 1' }), MANY);
    const { page } = await signIn(ADA);
    const { items, open, panel, scrollTo, showsUnread } = bell(page);
    await page.addInitScript(watchDrawing);
    await page.reload();
    await showsUnread(MANY);
    await open();
    await loadAll(panel);
    await scrollTo('middle');
    const read = await titleInView(panel);
    expect(read).not.toBe('');

    await page.evaluate(() => window.drawing.begin());
    await sendMany(BURST, (n) => admin.sendTo(ADA, { title: `In the burst ${n}` }), 10);
    await showsUnread(MANY + BURST);
    const drawn = await page.evaluate(() => window.drawing.end());
    // Figures to read, not to judge: how long it takes depends on the machine.
    testInfo.annotations.push({ type: 'burst', description: JSON.stringify(drawn) });

    expect(drawn.items, 'items that were drawn again').toBe(0);
    expect(drawn.inPage, 'parts of the page that were drawn again').toEqual(['messages wait for you']);
    // Whoever reads in the middle goes on reading there.
    expect(await titleInView(panel)).toBe(read);
    expect(await items.count()).toBeLessThan(FEW);
  },
);

interface Drawn {
  commits: number;
  /** Items of the list that stood there already. */
  items: number;
  /** What stands in the page itself, by its text. */
  inPage: string[];
  /** Milliseconds of every task over 50 ms. */
  longTasks: number[];
}

declare global {
  interface Window {
    drawing: { begin: () => void; end: () => Drawn };
  }
}

/** Runs in the page, before React: takes the place of its developer tools, which hear of every commit. */
function watchDrawing(): void {
  interface Fiber {
    tag: number;
    flags: number;
    alternate: Fiber | null;
    child: Fiber | null;
    sibling: Fiber | null;
    stateNode: unknown;
  }
  const FUNCTION_TAGS = [0, 11, 15];
  const DID_RENDER = 1;
  const TEXT = /messages? waits? for you/;
  let drawn: Drawn | null = null;

  function firstElement(fiber: Fiber | null): Element | null {
    for (let each = fiber; each; each = each.sibling) {
      if (each.stateNode instanceof Element) return each.stateNode;
      const below = firstElement(each.child);
      if (below) return below;
    }
    return null;
  }

  function visit(fiber: Fiber): void {
    const before = fiber.alternate;
    if (drawn && before && FUNCTION_TAGS.includes(fiber.tag) && fiber.flags & DID_RENDER) {
      const element = firstElement(fiber.child);
      if (element?.matches('li article')) drawn.items += 1;
      else if (element?.closest('main')) {
        const text = element.textContent ?? '';
        const known = TEXT.test(text) && element.matches('p') ? 'messages wait for you' : text.slice(0, 80);
        if (!drawn.inPage.includes(known)) drawn.inPage.push(known);
      }
    }
    // The same child as before: nothing below was touched.
    if (before && fiber.child === before.child) return;
    for (let child = fiber.child; child; child = child.sibling) visit(child);
  }

  Object.assign(window, {
    __REACT_DEVTOOLS_GLOBAL_HOOK__: {
      supportsFiber: true,
      inject: () => 1,
      onCommitFiberUnmount() {},
      onCommitFiberRoot(_id: number, root: { current: Fiber }) {
        if (!drawn) return;
        drawn.commits += 1;
        visit(root.current);
      },
    },
  });
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) drawn?.longTasks.push(Math.round(duration));
  }).observe({ type: 'longtask' });

  window.drawing = {
    begin() {
      drawn = { commits: 0, items: 0, inPage: [], longTasks: [] };
    },
    end() {
      if (!drawn) throw new Error('Begin first.');
      const result = drawn;
      drawn = null;
      return result;
    },
  };
}

/** Some at a time: they share commits. */
async function sendMany(count: number, send: (n: number) => Promise<unknown>, atATime = 25): Promise<void> {
  for (let sent = 0; sent < count; sent += atATime) {
    await Promise.all(Array.from({ length: atATime }, (_, i) => send(sent + i + 1)));
  }
}

async function loadAll(panel: Locator): Promise<void> {
  const older = panel.getByRole('button', { name: /older/ });
  const first = panel.getByRole('listitem').first();
  await expect(first).toBeVisible();
  // Whoever comes near the end gets more without asking.
  await expect(async () => {
    await panel.getByRole('list').evaluate((list) => {
      const box = list.parentElement as HTMLElement;
      box.scrollTop = box.scrollHeight;
    });
    await expect(older).toBeHidden({ timeout: 100 });
  }).toPass({ timeout: 60_000 });
  await panel.getByRole('list').evaluate((list) => {
    (list.parentElement as HTMLElement).scrollTop = 0;
  });
}

function titleInView(panel: Locator): Promise<string> {
  return panel.getByRole('list').evaluate((list) => {
    const box = (list.parentElement as HTMLElement).getBoundingClientRect();
    const middle = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return middle?.closest('li')?.querySelector('h4')?.textContent ?? '';
  });
}
