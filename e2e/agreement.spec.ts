/** Three devices of one person, whatever is done on one of them, and whatever becomes of the network. */
import type { Page } from '@playwright/test';
import {
  ADA,
  bell,
  EVERYWHERE_WITHIN,
  expect,
  NETWORK_IS_GONE,
  type Person,
  repeat,
  test,
  uniqueTitle,
} from './fixtures.ts';
import { inbox } from './inbox-view.ts';

/** What a person sees of their inbox on its page. */
interface Shown {
  bell: string | null;
  views: string[];
  rows: string[];
}

const shownOn = (page: Page): Promise<Shown> =>
  page.evaluate(() => {
    const region = document.querySelector('.belfry-inbox');
    const textOf = (element: Element | null | undefined) => element?.textContent?.trim() ?? '';
    return {
      bell: document.querySelector('.belfry-bell')?.getAttribute('aria-label') ?? null,
      views: [...(region?.querySelectorAll('.belfry-views button') ?? [])].map(textOf),
      rows: [...(region?.querySelectorAll('article') ?? [])].map(
        (row) =>
          `${row.hasAttribute('data-unread') ? '* ' : ''}${textOf(row.querySelector('h4'))} ${textOf(row.querySelector('.belfry-answered'))}`,
      ),
    };
  });

/** What they are to see, by what the server has. */
async function agreed(pages: readonly Page[], { http }: Person): Promise<void> {
  await expect(async () => {
    const [first, ...others] = await Promise.all(pages.map(shownOn));
    for (const other of others) expect(other).toEqual(first);
    const answer = await http.fetch('/notifications/poll?limit=100');
    const { unreadTotal } = (await answer.json()) as { unreadTotal: number };
    expect(first?.bell).toBe(`Notifications, ${unreadTotal} unread`);
  }).toPass({ ...EVERYWHERE_WITHIN, intervals: [50] });
}

test('whatever is done on one of three devices, the two others show within two seconds', async ({
  admin,
  signIn,
}) => {
  test.setTimeout(120_000);
  const laptop = await signIn(ADA, { path: '/inbox' });
  const phone = await signIn(ADA, { path: '/inbox', viewport: { width: 380, height: 760 } });
  const desk = await signIn(ADA, { path: '/inbox' });
  const pages = [laptop.page, phone.page, desk.page];
  const { page } = laptop;
  const { item, press, region, select, selection, snoozeMenu, undo, view } = inbox(page);
  const titles = ['One', 'Two', 'Three', 'Four', 'Five'].map(uniqueTitle);
  const [one = '', two = '', three = '', four = '', five = ''] = titles;
  const question = uniqueTitle('Shall we?');

  const kinds: [what: string, act: () => Promise<unknown>][] = [
    ['arrive', () => Promise.all(titles.map((title) => admin.sendTo(ADA, { title })))],
    ['arrive in a group', () => admin.comment(ADA, ['Ben', 'Cleo', 'Dan'])],
    ['be asked', () => admin.ask([ADA], { title: question, options: [{ name: 'yes', label: 'Yes' }] })],
    ['answer', () => press(question, 'Yes')],
    ['read', () => press(one, 'Mark as read')],
    ['mark as unread', () => press(one, 'Mark as unread')],
    ['dismiss', () => press(two, 'Dismiss')],
    ['take back a dismissal', () => undo.click()],
    [
      'snooze',
      async () => {
        await press(three, 'Snooze');
        await snoozeMenu.getByRole('button', { name: 'Tomorrow' }).click();
      },
    ],
    [
      'bring back what is put off',
      async () => {
        await view('Snoozed').click();
        await press(three, 'Move to inbox');
        await expect(item(three)).toBeHidden();
        await view('Inbox').click();
      },
    ],
    [
      'dismiss several',
      async () => {
        await select(four);
        await select(five);
        await selection.getByRole('button', { name: 'Dismiss' }).click();
      },
    ],
    [
      'move what is done to the inbox',
      async () => {
        await view('Done').click();
        await press(five, 'Move to inbox');
        await expect(item(five)).toBeHidden();
        await view('Inbox').click();
      },
    ],
    ['read a group', () => region.getByRole('button', { name: 'Mark all as read' }).last().click()],
    ['dismiss a group', () => region.getByRole('button', { name: 'Dismiss all' }).click()],
    ['take back that of a group', () => undo.click()],
    ['read all', () => region.getByRole('button', { name: 'Mark all as read' }).first().click()],
    ['take back that all was read', () => undo.click()],
    ['dismiss all', () => region.getByRole('button', { name: 'Clear all' }).click()],
    ['take back that all is done', () => undo.click()],
  ];
  for (const [what, act] of kinds) {
    await test.step(what, async () => {
      await act();
      await agreed(pages, laptop);
    });
  }
});

test('after a thousand actions on two devices, with the network going in between, both show the same, and what the server has', {
  tag: '@long',
}, async ({ admin, expectErrors, signIn }) => {
  test.setTimeout(600_000);
  expectErrors(NETWORK_IS_GONE);
  for (let n = 1; n <= 40; n += 1) await admin.sendTo(ADA, { title: `Number ${n}` });
  const people = [await signIn(ADA, { path: '/inbox' }), await signIn(ADA, { path: '/inbox' })];
  const random = randomFrom(Number(process.env.SEED ?? 20_261_128));
  const keys = ['j', 'j', 'j', 'k', 'e', 'e', 'r', 'u', 'z', 'x', 's Enter', 'Shift+A', 'z', 'Escape'];
  let sent = 40;
  for (let n = 0; n < 1_000; n += 1) {
    const { context, page } = people[random(2)] as Person;
    const what = random(40);
    if (what === 0) await context.setOffline(true);
    else if (what < 3) await context.setOffline(false);
    else if (what < 7) {
      sent += 1;
      await admin.sendTo(ADA, { title: `Number ${sent}` });
    } else {
      for (const key of (keys[random(keys.length)] ?? 'j').split(' ')) await page.keyboard.press(key);
    }
  }
  for (const { context, page } of people) {
    await context.setOffline(false);
    await page.keyboard.press('Escape');
  }
  const pages = people.map(({ page }) => page);
  // Only what is in view is in the page.
  for (const page of pages) await page.evaluate(() => window.scrollTo(0, 0));
  await expect(async () => {
    const [first, second] = await Promise.all(pages.map(shownOn));
    expect(second).toEqual(first);
  }).toPass({ timeout: 40_000 });
  // And so they do when everything is read anew.
  const [before] = await Promise.all(pages.map(shownOn));
  for (const page of pages) await page.reload();
  await expect(async () => {
    for (const page of pages) expect(await shownOn(page)).toEqual(before);
  }).toPass({ timeout: 10_000 });
});

test('all of five thousand is done with one press, and is back with the next; also later, from what is done', async ({
  admin,
  server,
  signIn,
}) => {
  repeat(server.databaseFile, await admin.sendTo(ADA, { title: 'Number 1' }), 5_000);
  const ada = await signIn(ADA, { path: '/inbox' });
  const other = await signIn(ADA, { path: '/inbox' });
  const { item, items, region, undo, view } = inbox(ada.page);
  await bell(ada.page).showsUnread(5_000);
  await region.getByRole('button', { name: 'Clear all' }).click();
  for (const { page } of [ada, other]) {
    await bell(page).showsUnread(0, EVERYWHERE_WITHIN);
    await expect(inbox(page).items).toHaveCount(0, EVERYWHERE_WITHIN);
  }
  await undo.click();
  for (const { page } of [ada, other]) await bell(page).showsUnread(5_000, EVERYWHERE_WITHIN);
  await expect(items.first()).toBeVisible(EVERYWHERE_WITHIN);

  await region.getByRole('button', { name: 'Clear all' }).click();
  await bell(ada.page).showsUnread(0);
  await ada.page.reload();
  await view('Done').click();
  await expect(region.getByText(/^Everything up to .* was marked as done\.$/)).toBeVisible();
  await region.getByRole('button', { name: 'Undo' }).click();
  for (const { page } of [ada, other]) await bell(page).showsUnread(5_000, EVERYWHERE_WITHIN);
  await expect(item('Number 5000')).toHaveCount(0);
  await view('Inbox').click();
  await expect(item('Number 5000')).toBeVisible();
});

/** The same numbers for the same seed, each from 0 to below `below`. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
