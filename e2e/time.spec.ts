/** When something came, in words: by the calendar of whoever reads it. */
import Database from 'better-sqlite3';
import { ADA, bell, expect, test, uniqueTitle } from './fixtures.ts';

const HOUR_MS = 60 * 60_000;

test('days are told by the calendar of the reader, and follow a change of zone and of day', async ({
  admin,
  server,
  signIn,
}) => {
  const title = uniqueTitle('Thirty hours ago');
  const id = await admin.sendTo(ADA, { title });
  const database = new Database(server.databaseFile);
  database
    .prepare('UPDATE event SET created_at = ? WHERE id = ?')
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
  await page.clock.fastForward(23 * HOUR_MS);
  await expect(item(title)).toContainText('3 days ago');
});

/** A time zone in which it is this hour at the moment. */
function zoneWhereItIs(hour: number): string {
  const ahead = hour - new Date().getUTCHours();
  const offset = ahead < -12 ? ahead + 24 : ahead;
  // These zones are named after what has to be added to reach Greenwich.
  return `Etc/GMT${offset > 0 ? '-' : '+'}${Math.abs(offset)}`;
}
