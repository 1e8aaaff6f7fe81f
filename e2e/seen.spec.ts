/** What was on the screen is seen: in lists, in toasts, once, and told together. */
import type { Page, Request } from '@playwright/test';
import { ADA, bell, expect, type Person, test, toasts, uniqueTitle } from './fixtures.ts';

const LONG = 'A message of some length, so that it takes more than one line. '.repeat(6);

/** The ids that a page has told of, request by request. */
function toldBy(page: Page): number[][] {
  const told: number[][] = [];
  page.on('request', (request: Request) => {
    if (request.url().includes('/notifications/seen')) told.push(request.postDataJSON().ids);
  });
  return told;
}

async function seenIds({ http }: Person): Promise<number[]> {
  const answer = await http.fetch('/notifications/poll?limit=100');
  const { notifications } = (await answer.json()) as {
    notifications: { id: number; seenAt: string | null }[];
  };
  return notifications.filter(({ seenAt }) => seenAt !== null).map(({ id }) => id);
}

test('what stands in the panel is seen, what is further down is not, and none is told of twice', async ({
  admin,
  signIn,
}) => {
  const ids: number[] = [];
  for (let n = 1; n <= 20; n += 1) ids.push(await admin.sendTo(ADA, { title: `Number ${n}`, message: LONG }));
  const ada = await signIn(ADA);
  const told = toldBy(ada.page);
  await bell(ada.page).showsUnread(20);
  await bell(ada.page).open();
  await expect.poll(() => seenIds(ada)).toContain(ids.at(-1));
  expect(await seenIds(ada)).not.toContain(ids[0]);
  expect(told).toHaveLength(1);
  await bell(ada.page).close();
  await bell(ada.page).open();
  await bell(ada.page).scrollTo('end');
  await expect.poll(() => seenIds(ada)).toContain(ids[0]);
  expect(new Set(told.flat()).size).toBe(told.flat().length);
  // It is unread all the same.
  await bell(ada.page).showsUnread(20);
});

test('what was in a toast is seen, also when its page goes at once', async ({ admin, signIn }) => {
  const ada = await signIn(ADA);
  const title = uniqueTitle('In a toast');
  const id = await admin.sendTo(ADA, { title });
  await expect(toasts(ada.page, title)).toBeInViewport({ ratio: 1 });
  await ada.page.waitForTimeout(700);
  await ada.page.goto('/sign-in');
  await expect.poll(() => seenIds(ada)).toEqual([id]);
});

test('in a tab that is hidden nothing is seen', async ({ admin, signIn }) => {
  const ada = await signIn(ADA);
  const told = toldBy(ada.page);
  await ada.page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { value: true });
    Object.defineProperty(document, 'visibilityState', { value: 'hidden' });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  const title = uniqueTitle('Unseen');
  await admin.sendTo(ADA, { title });
  await expect(toasts(ada.page, title)).toBeVisible();
  await ada.page.waitForTimeout(2_000);
  expect(told).toEqual([]);
  expect(await seenIds(ada)).toEqual([]);
});
