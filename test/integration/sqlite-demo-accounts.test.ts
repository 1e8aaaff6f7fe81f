// First: the app looks at the environment when it is loaded.
import '../support/app-database.ts';

import { execFile } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { promisify } from 'node:util';
import { beforeEach, expect, test } from 'vitest';
import { setPassword } from '../../lib/auth/accounts.ts';
import { commandLineActor } from '../../lib/auth/actor.ts';
import { checkCredentials } from '../../lib/auth/credentials.ts';
import {
  demoPassword,
  findDemoAccounts,
  findOpenDemoAccounts,
  PUBLIC_DEMO_PASSWORD,
  settleDemoAccounts,
} from '../../lib/auth/demo-accounts.ts';
import { hashPassword } from '../../lib/auth/password.ts';
import { findSession } from '../../lib/auth/sessions.ts';
import { env } from '../../lib/config/env.ts';
import { embeddedDatabaseFile } from '../../lib/config/start-settings.mjs';
import { db } from '../../lib/database/db.ts';
import { sessionRow } from '../support/session.ts';

const by = commandLineActor();
const EMAILS = ['admin@belfry.test', 'ada@belfry.test', 'ben@belfry.test'];
const FILE = `${embeddedDatabaseFile(env.databaseUrl)}.demo-password`;

beforeEach(async () => {
  await db.user.deleteMany();
  await startAs('own-password');
  expect(existsSync(FILE)).toBe(false);
});

async function startAs(mode: typeof env.demoAccounts, isNewDatabase = false): Promise<void> {
  env.demoAccounts = mode;
  await settleDemoAccounts(db, { isNewDatabase });
}

async function openedBy(password: string | null): Promise<string[]> {
  const client = { address: '192.0.2.1', knownBrowserId: null };
  const opened = [];
  for (const email of EMAILS)
    if (await checkCredentials({ email, password: password ?? 'null' }, client)) opened.push(email);
  return opened;
}

/** As 0.1.0 made them: with the public password, each with a hash of its own. */
async function seedAsBefore(): Promise<void> {
  for (const email of EMAILS) {
    const passwordHash = await hashPassword(PUBLIC_DEMO_PASSWORD);
    await db.user.create({ data: { email, name: 'Somebody', passwordHash } });
  }
}

test('a new database gets demo accounts with a random password, which its owner alone can read', async () => {
  await startAs('own-password', true);
  const password = readFileSync(FILE, 'utf8').trim();
  expect(password).toMatch(/^([a-hjkmnp-z2-9]{4}-){3}[a-hjkmnp-z2-9]{4}$/);
  expect(statSync(FILE).mode & 0o777).toBe(0o600);
  expect(demoPassword()).toBe(password);
  expect(await openedBy(password)).toEqual(EMAILS);
  expect(await openedBy(PUBLIC_DEMO_PASSWORD)).toEqual([]);

  await startAs('own-password');
  expect(await openedBy(password)).toEqual(EMAILS);
  expect(await findDemoAccounts(db)).toHaveLength(3);
});

test('two new databases have different passwords', async () => {
  await startAs('own-password', true);
  const first = demoPassword();
  await db.user.deleteMany();
  await startAs('own-password');
  await startAs('own-password', true);
  expect(demoPassword()).not.toBe(first);
});

test('demo accounts that an earlier version made lose their public password, and their sessions', async () => {
  await seedAsBefore();
  await setPassword({ email: 'ben@belfry.test', password: 'a password of my own' }, by);
  const ben = await db.user.findUniqueOrThrow({ where: { email: 'ben@belfry.test' } });
  const ada = await db.user.findUniqueOrThrow({ where: { email: 'ada@belfry.test' } });
  await db.session.createMany({
    data: [ada, ben].map(({ id, email }) => sessionRow({ id: `session of ${email}`, userId: id })),
  });
  await startAs('own-password');
  expect(await openedBy(PUBLIC_DEMO_PASSWORD)).toEqual([]);
  expect(await openedBy(demoPassword())).toEqual(['admin@belfry.test', 'ada@belfry.test']);
  expect(await findSession(`session of ${ada.email}`)).toBeNull();
  // Whoever gave it a password of their own keeps it, and everything else.
  expect(await db.user.findUnique({ where: { email: 'ben@belfry.test' } })).toEqual(ben);
  expect(await findSession(`session of ${ben.email}`)).toMatchObject({ id: ben.id });
});

test('on a public server demo accounts are closed, whichever demo password they had', async () => {
  await seedAsBefore();
  await startAs('none');
  expect(await openedBy(PUBLIC_DEMO_PASSWORD)).toEqual([]);
  expect(existsSync(FILE)).toBe(false);

  await startAs('own-password');
  const password = demoPassword();
  expect(await openedBy(password)).toEqual(EMAILS);
  await startAs('none');
  expect(demoPassword()).toBeNull();
  expect(await openedBy(password)).toEqual([]);
  expect(await findDemoAccounts(db)).toEqual([]);
});

test('BELFRY_DEMO=1 gives them the public password, and taking it away the random one again', async () => {
  await startAs('own-password', true);
  const random = demoPassword();
  await startAs('public-password');
  expect([await openedBy(random), await openedBy(PUBLIC_DEMO_PASSWORD)]).toEqual([[], EMAILS]);
  await startAs('own-password');
  expect(demoPassword()).toBe(random);
  expect([await openedBy(random), await openedBy(PUBLIC_DEMO_PASSWORD)]).toEqual([EMAILS, []]);
});

test('once no account has it any more, the password is forgotten at the next start', async () => {
  await startAs('own-password', true);
  for (const email of EMAILS) await setPassword({ email, password: 'a password of my own' }, by);
  expect(await findOpenDemoAccounts(db)).toEqual([]);
  await startAs('own-password');
  expect(existsSync(FILE)).toBe(false);
});

test('npm run demo-password prints it alone, and says so where there is none', { tags: 'long' }, async () => {
  const run = () =>
    promisify(execFile)(process.execPath, ['scripts/demo-password.ts'], { env: { ...process.env } });
  await expect(run()).rejects.toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('create-admin'),
  });
  await startAs('own-password', true);
  expect(await run()).toEqual({
    stdout: `${demoPassword()}\n`,
    stderr: `${EMAILS.join(', ')}:\n`,
  });
});
