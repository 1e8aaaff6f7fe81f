/** A thousand notifications: the page stays what it is. */
import type { Locator } from '@playwright/test';
import { ADA, bell, expect, test } from './fixtures.ts';

const MANY = 1_000;
// A screen of them, and some beyond on both sides.
const FEW = 40;

test.describe.configure({ timeout: 120_000 });

test('of a thousand notifications only those in view are in the page, and each can be reached and dismissed', async ({
  admin,
  signIn,
}) => {
  await sendMany(MANY, (n) => admin.sendTo(ADA, { title: `Number ${n}` }));
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

/** Some at a time: they share commits. */
async function sendMany(count: number, send: (n: number) => Promise<unknown>, atATime = 25): Promise<void> {
  for (let sent = 0; sent < count; sent += atATime) {
    await Promise.all(Array.from({ length: atATime }, (_, i) => send(sent + i + 1)));
  }
}

async function loadAll(panel: Locator): Promise<void> {
  const older = panel.getByRole('button', { name: 'Load older' });
  const first = panel.getByRole('listitem').first();
  await expect(first).toBeVisible();
  while (await older.isVisible()) {
    await older.click();
    await expect(panel.getByRole('button', { name: 'Loading older…' })).toBeHidden();
  }
}

function titleInView(panel: Locator): Promise<string> {
  return panel.getByRole('list').evaluate((list) => {
    const box = (list.parentElement as HTMLElement).getBoundingClientRect();
    const middle = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return middle?.closest('li')?.querySelector('h3')?.textContent ?? '';
  });
}
