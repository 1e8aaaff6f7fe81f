/** What is put off comes back when it is to, wherever everybody is meanwhile. */
import { rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer } from '../test/support/server.ts';
import { ADA, bell, expect, isReady, test, toasts, uniqueTitle } from './fixtures.ts';
import { inbox } from './inbox-view.ts';

const CLOCK = new URL('../test/support/jumping-clock.mjs', import.meta.url);

test('what was put off, and whose time came while nobody was there and the server was down, is on top and unread, once', async ({
  admin,
  server,
  signIn,
}) => {
  const [putOff, newer] = [uniqueTitle('Put off'), uniqueTitle('Newer')];
  const id = await admin.sendTo(ADA, { title: putOff });
  await admin.sendTo(ADA, { title: newer });
  const before = await server.signIn(ADA);
  await before.post('/notifications/read', { ids: [id] });
  const until = Date.now() + 2_000;
  const answer = await before.post('/notifications/snooze', {
    ids: [id],
    until: new Date(until).toISOString(),
  });
  expect(answer.status).toBe(200);
  await server.stop();
  await sleep(Math.max(until - Date.now(), 0) + 200);
  await server.start();

  const { page } = await signIn(ADA, { path: '/inbox' });
  await bell(page).showsUnread(2);
  await inbox(page).showsInOrder([putOff, newer]);
  await expect(inbox(page).view('Snoozed')).toHaveText('Snoozed');
  await page.reload();
  await bell(page).showsUnread(2);
  await inbox(page).showsInOrder([putOff, newer]);
});

test('tomorrow at nine is nine by the clock on the wall, also when that is put forward in the night between', async ({
  browser,
}) => {
  const folder = await mkdtemp(join(tmpdir(), 'belfry-clock-'));
  const clock = join(folder, 'ahead');
  // The Saturday before summer time begins in Berlin: nine on Sunday is seven in UTC, and not eight.
  const saturday = Date.UTC(2027, 2, 27, 18);
  const setTime = (time: number) => writeFileSync(clock, String(time - Date.now()));
  setTime(saturday);
  const env = { NODE_OPTIONS: `--import=${CLOCK.href}`, JUMPING_CLOCK: clock };
  const server = await startServer({ env });
  const context = await browser.newContext({ baseURL: server.url, timezoneId: 'Europe/Berlin' });
  try {
    const sent = await (await server.signIn('admin@belfry.test')).post('/notifications/send', {
      title: 'Over the night',
      message: 'Read me.',
      to: 'everyone',
    });
    expect(sent.status).toBe(201);
    const { cookie } = await server.signIn(ADA);
    const pairs = cookie.split('; ').map((pair) => pair.split(/=(.*)/s));
    await context.addCookies(pairs.map(([name = '', value = '']) => ({ name, value, url: server.url })));
    const page = await context.newPage();
    // The page believes the server's clock, whatever its own says.
    await page.goto('/inbox');
    await isReady(page);
    const { item, press, region, snoozeMenu, view } = inbox(page);
    await press('Over the night', 'Snooze');
    const asked = page.waitForRequest('**/notifications/snooze?*');
    await snoozeMenu.getByRole('button', { name: 'Tomorrow' }).click();
    expect((await asked).postDataJSON()).toMatchObject({ until: '2027-03-28T07:00:00.000Z' });
    await expect(item('Over the night')).toBeHidden();
    await view('Snoozed').click();
    await expect(item('Over the night')).toBeVisible();

    setTime(Date.UTC(2027, 2, 28, 6, 59, 50));
    await sleep(6_000);
    await expect(region.getByRole('article')).toHaveCount(1);
    setTime(Date.UTC(2027, 2, 28, 7, 0, 1));
    await view('Inbox').click();
    await expect(item('Over the night')).toBeVisible({ timeout: 10_000 });
    await bell(page).showsUnread(1);
    await expect(toasts(page, 'Over the night')).toHaveCount(0);
  } finally {
    await context.close();
    await server.remove();
    rmSync(folder, { recursive: true, force: true });
  }
});
