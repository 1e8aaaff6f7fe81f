/** A cookie from after the back-up that was restored, whose account's number is somebody else's by now. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Belfry, withBelfry } from '../faults/belfry.ts';
import { type Fault, type Finding, Verdict } from '../faults/fault.ts';
import { signIn } from '../support/server.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PASSWORD = 'a password that only this attack uses';

export const restoredBackup: Fault = {
  name: 'restored-backup',
  breaks:
    'a back-up is restored under the same secret, an admin gets the number that somebody had since, and the old cookie comes back',
  bound:
    'it opens nothing: no stream, no inbox, no admin action; the page that it was for is refused the admin’s inbox too',
  runs: 'beside',
  limitSeconds: { short: 60, full: 60 },
  dependsOnStreamPath: false,
  take: (circumstances) => withBelfry(circumstances, take),
};

async function take(belfry: Belfry): Promise<Finding> {
  const verdict = new Verdict();
  const backup = `${belfry.databaseFile}.backup`;
  belfry.sql('VACUUM INTO ?', backup);

  await makeAdmin(belfry, 'mallory@belfry.test');
  belfry.sql("UPDATE user SET role = 'USER' WHERE email = 'mallory@belfry.test'");
  const mallory = await signIn(belfry.url, 'mallory@belfry.test', PASSWORD);
  const page = await (await mallory.fetch('/')).text();
  const key = /\\?"userKey\\?":\\?"([^"\\]+)/.exec(page)?.[1] ?? '';
  verdict.expect(key !== '', 'The page does not say whose it is.');
  const before = await mallory.fetch('/notifications/poll', { headers: { 'X-Belfry-User': key } });
  verdict.expect(before.status === 200, `Before, the inbox was answered with ${before.status}.`);
  const numberOf = () => (belfry.sql('SELECT MAX(id) AS id FROM user')[0] as { id: number }).id;
  const number = numberOf();

  await belfry.server.stop();
  for (const tail of ['', '-wal', '-shm']) rmSync(`${belfry.databaseFile}${tail}`, { force: true });
  copyFileSync(backup, belfry.databaseFile);
  await belfry.server.start();
  await makeAdmin(belfry, 'root@belfry.test');
  verdict.expect(numberOf() === number, 'The number was not given again, so nothing was tried.');

  const tried = {
    poll: await mallory.fetch('/notifications/poll'),
    stream: await mallory.fetch('/sse/SystemNotification', { method: 'HEAD' }),
    metrics: await mallory.fetch('/api/metrics'),
    send: await mallory.post('/notifications/send', {
      title: 'From nobody',
      message: 'To all.',
      audience: 'all',
    }),
  };
  for (const [what, { status }] of Object.entries(tried)) {
    verdict.expect(status === 401, `With the old cookie ${what} was answered with ${status}.`);
  }
  const session = await (await mallory.fetch('/api/auth/session')).text();
  verdict.expect(session === '{}', `next-auth takes the old cookie for ${session}.`);

  const root = await signIn(belfry.url, 'root@belfry.test', PASSWORD);
  const ofOldPage = await root.fetch('/notifications/poll', { headers: { 'X-Belfry-User': key } });
  verdict.expect(ofOldPage.status === 401, `The old page was given the admin's inbox: ${ofOldPage.status}.`);
  const own = await root.fetch('/notifications/poll');
  verdict.expect(own.status === 200, `The admin's own inbox was answered with ${own.status}.`);
  return verdict.finding(
    `user ${number} again; ${Object.keys(tried).length} requests and the old page refused`,
  );
}

/** As an operator does it. */
async function makeAdmin(belfry: Belfry, email: string): Promise<void> {
  const child = spawn(process.execPath, ['scripts/create-admin.ts', '--email', email, '--name', 'Somebody'], {
    cwd: ROOT,
    env: { ...process.env, ...belfry.environment },
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  child.stdin.end(`${PASSWORD}\n`);
  await once(child, 'exit');
  if (child.exitCode !== 0) throw new Error(`${email} could not be made.`);
}
