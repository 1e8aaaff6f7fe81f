/** When something came, in words: by the calendar of whoever reads it. And clocks that jump. */
import Database from 'better-sqlite3';
import { ADA, bell, connection, expect, NETWORK_IS_GONE, test, toasts, uniqueTitle } from './fixtures.ts';

const HOUR_MS = 60 * 60_000;

test('days are told by the calendar of the reader, and follow a change of zone and of day', {
  tag: '@long',
}, async ({ admin, expectErrors, server, signIn }) => {
  expectErrors(NETWORK_IS_GONE);
  const title = uniqueTitle('Thirty hours ago');
  const id = await admin.sendTo(ADA, { title });
  const database = new Database(server.databaseFile);
  database
    .prepare('UPDATE belfry_event SET created_at = ? WHERE id = ?')
    .run(new Date(Date.now() - 30 * HOUR_MS).toISOString(), id);
  database.close();

  const { context, page } = await signIn(ADA);
  // Playwright's own setting of the zone cannot change while a page is open.
  const devTools = await context.newCDPSession(page);
  const goWhereItIs = (hour: number) =>
    devTools.send('Emulation.setTimezoneOverride', { timezoneId: zoneWhereItIs(hour) });
  await goWhereItIs(12);
  await page.clock.install();
  await page.reload();
  const { item, open } = bell(page);
  await open();
  await expect(item(title)).toContainText('yesterday');

  await goWhereItIs(2);
  // The page's clock goes every 20 s.
  await page.clock.runFor(20_000);
  await expect(item(title)).toContainText('2 days ago');
  // Whatever the server says brings its own time along, and there the day has not changed.
  await context.setOffline(true);
  await expect(connection(page)).toHaveText('Offline');
  await page.clock.fastForward(23 * HOUR_MS);
  await expect(item(title)).toContainText('3 days ago');
});

test("whatever this computer's clock jumps by, the page stays live, and what expires goes when it does on the server", {
  tag: '@long',
}, async ({ admin, openStreams, signIn }) => {
  await expect.poll(openStreams).toBe(0);
  const { page } = await signIn(ADA);
  await page.clock.install();
  await page.reload();
  await expect(connection(page)).toHaveText('Live');
  const { item, open, showsUnread } = bell(page);
  await open();
  const standing = uniqueTitle('For an hour');
  await admin.sendTo(ADA, { title: standing, priority: 'CRITICAL', expiresIn: 3_600 });
  await showsUnread(1);

  let count = 1;
  for (const hours of [3, -3, 24, -24]) {
    const before = await page.evaluate(() => [Date.now(), performance.now()] as const);
    await page.clock.setSystemTime(Date.now() + hours * HOUR_MS);
    const after = await page.evaluate(() => [Date.now(), performance.now()] as const);
    expect(Math.abs(after[0] - before[0])).toBeGreaterThan(2 * HOUR_MS);
    expect(after[1] - before[1]).toBeLessThan(HOUR_MS);
    const title = uniqueTitle(`After ${hours} hours`);
    await admin.sendTo(ADA, { title, expiresIn: 3_600 });
    count += 1;
    await showsUnread(count);
    await expect(item(title)).toContainText('just now');
    await expect(item(standing)).toBeVisible();
    await expect(toasts(page, standing)).toBeVisible();
  }
  const ending = uniqueTitle('For two seconds');
  await admin.sendTo(ADA, { title: ending, priority: 'CRITICAL', expiresIn: 2 });
  await expect(toasts(page, ending)).toBeVisible();
  await expect(item(ending)).toBeHidden({ timeout: 10_000 });
  await expect(toasts(page, ending)).toBeHidden();
  await showsUnread(count);
  await expect(item(standing)).toBeVisible();
  await expect(connection(page)).toHaveText('Live');
  expect(await openStreams()).toBe(1);
});

/** A time zone in which it is this hour at the moment. */
function zoneWhereItIs(hour: number): string {
  const ahead = hour - new Date().getUTCHours();
  const offset = ahead < -12 ? ahead + 24 : ahead;
  // These zones are named after what has to be added to reach Greenwich.
  return `Etc/GMT${offset > 0 ? '-' : '+'}${Math.abs(offset)}`;
}
