// @module-tag once
import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { emptyDatabase } from '../support/empty-database.ts';
import { runScript } from '../support/script.ts';
import { sessionRow } from '../support/session.ts';

// Each command is a process of its own, and some tests run many of them.
vi.setConfig({ testTimeout: 60_000 });

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.remove());

const run = (
  script: string,
  args: string[] = [],
  input: string | Buffer = '',
  env: Record<string, string> = {},
) => runScript(script, { args, input, env: { DATABASE_URL: database.url, ...env } });

function newSession() {
  const { userId: _, ...session } = sessionRow({ id: randomUUID(), userId: 0 });
  return session;
}

const account = (email: string) => database.db.user.findUnique({ where: { email } });

test('create-admin makes an admin whose password comes from standard input', async () => {
  const args = ['--email', 'Mara@Example.com', '--name', 'Mara'];
  expect(await run('create-admin', args, 'correct horse\n')).toEqual({
    output: 'mara@example.com can sign in as an admin now.\n',
    errors: '',
    exitCode: 0,
  });
  expect(await account('mara@example.com')).toMatchObject({ name: 'Mara', role: 'ADMIN' });
});

test('create-admin makes an existing account an admin only when it is told to', async () => {
  const email = 'nils@example.com';
  await database.db.user.create({ data: { email, name: 'Nils', passwordHash: 'unchanged' } });
  const refused = await run('create-admin', ['--email', email]);
  expect(refused).toMatchObject({ exitCode: 1, errors: expect.stringContaining('Add --promote') });
  expect(await account(email)).toMatchObject({ role: 'USER' });
  expect(await run('create-admin', ['--email', email, '--promote'])).toMatchObject({ exitCode: 0 });
  expect(await account(email)).toMatchObject({ role: 'ADMIN', passwordHash: 'unchanged' });
});

test('create-token prints the token alone, so that it can be piped', async () => {
  const { output, errors, exitCode } = await run('create-token', ['--name', 'ci']);
  expect(exitCode).toBe(0);
  expect(output).toMatch(/^bf_[A-Za-z0-9_-]{43}\n$/);
  expect(errors).toContain('shown only now');
  const inAYear = Date.now() + 365 * 24 * 60 * 60_000;
  const [made] = await database.db.apiToken.findMany();
  expect(made).toMatchObject({ name: 'ci', revokedAt: null, scopes: 'send,metrics' });
  expect(Math.abs((made?.expiresAt?.getTime() ?? 0) - inAYear)).toBeLessThan(60_000);
});

test('a token has the scope and the last day that it was given, is listed, and can be revoked by its name', {
  tags: 'long',
}, async () => {
  await run('create-token', ['--name', 'metrics only', '--scope', 'metrics', '--expires', '2999-01-31']);
  const { id } = await database.db.apiToken.findFirstOrThrow({ where: { name: 'metrics only' } });
  const listed = (await run('list-tokens')).output;
  expect(listed).toMatch(
    new RegExp(`^${id} +metrics only +valid +metrics +.*2999-02-01 00:00Z +never$`, 'm'),
  );
  expect(await run('revoke-token', ['--name', 'metrics only'])).toMatchObject({
    output: `The token ${id} (metrics only) works no longer.\n`,
    exitCode: 0,
  });
  expect((await run('list-tokens')).output).toMatch(/metrics only +revoked/);
  await database.db.apiToken.createMany({
    data: ['a', 'b'].map((tokenHash) => ({ name: 'twice', tokenHash })),
  });
  expect((await run('revoke-token', ['--name', 'twice'])).errors).toMatch(
    /^Several tokens .* --id \d+ or \d+\.$/m,
  );
});

test('an account is disabled, enabled and given another role by command, and the last admin is kept', {
  tags: 'long',
}, async () => {
  const email = 'olga@example.com';
  await database.db.user.updateMany({ data: { role: 'USER' } });
  await database.db.user.create({ data: { email, name: 'Olga', passwordHash: '-', role: 'ADMIN' } });
  for (const [script, args] of [
    ['disable-account', ['--email', email]],
    ['set-role', ['--email', email, '--role', 'user']],
  ] as const) {
    const { errors, exitCode } = await run(script, [...args]);
    expect({ errors, exitCode }).toEqual({
      errors: expect.stringContaining('is the last admin'),
      exitCode: 1,
    });
  }
  const sessions = { create: [newSession()] };
  await database.db.user.update({ where: { email }, data: { sessions } });
  await run('disable-account', ['--email', email, '--force']);
  expect((await run('list-accounts')).output).toMatch(/olga@example.com +Olga +ADMIN +\S+ \S+ +\d{4}-/);
  await run('enable-account', ['--email', email]);
  await run('set-role', ['--email', email, '--role', 'user', '--force']);
  expect(await account(email)).toMatchObject({ role: 'USER', disabledAt: null });
  expect(await database.db.session.count({ where: { user: { email }, endedAt: null } })).toBe(0);
  const { output } = await run('audit', ['--user', email, '--json']);
  const entries = output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(entries.map(({ action }) => action)).toEqual([
    'account_disabled',
    'account_enabled',
    'role_changed',
  ]);
  expect(entries.at(-1)).toMatchObject({
    actor: userInfo().username,
    address: 'command line',
    subject: email,
    detail: { from: 'ADMIN', to: 'USER' },
  });
});

test('set-password replaces the password and ends every session', async () => {
  const email = 'pia@example.com';
  const sessions = { create: [newSession(), newSession()] };
  await database.db.user.create({ data: { email, name: 'Pia', passwordHash: 'the old one', sessions } });
  expect(await run('set-password', ['--email', email], 'correct horse\n')).toMatchObject({ exitCode: 0 });
  const changed = await account(email);
  expect(await database.db.session.count({ where: { userId: changed?.id ?? 0, endedAt: null } })).toBe(0);
  expect(changed?.passwordHash).toMatch(/^\$argon2id\$/);
});

test('delete-account removes an account only when it is told to, and never the last admin', {
  tags: 'long',
}, async () => {
  const email = 'remy@example.com';
  await database.db.user.updateMany({ data: { role: 'USER' } });
  const sessions = { create: [newSession()] };
  const data = { email, name: 'Remy', passwordHash: '-', role: 'ADMIN', sessions };
  const { id } = await database.db.user.create({ data });
  const asked = await run('delete-account', ['--email', email]);
  expect(asked).toMatchObject({ exitCode: 1, errors: expect.stringContaining('Add --yes') });
  const last = await run('delete-account', ['--email', email, '--yes']);
  expect(last).toMatchObject({ exitCode: 1, errors: expect.stringContaining('is the last admin') });
  expect(await account(email)).not.toBeNull();
  expect(await run('delete-account', ['--email', 'REMY@example.com', '--yes', '--force'])).toEqual({
    output: `${email} is deleted, and its sessions have ended.\n`,
    errors: '',
    exitCode: 0,
  });
  expect([await account(email), await database.db.session.count({ where: { userId: id } })]).toEqual([
    null,
    0,
  ]);
  expect((await run('audit', ['--user', email])).output).toContain('account_deleted');
});

test('a script makes the database when there is none', async () => {
  const { url, remove } = await emptyDatabase();
  const made = await run('create-token', ['--name', 'ci'], '', { DATABASE_URL: url });
  await remove();
  expect(made).toMatchObject({ exitCode: 0 });
});
