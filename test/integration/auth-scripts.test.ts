import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { emptyDatabase } from '../support/empty-database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.remove());

/** Runs a script as a pipe or CI does: nobody is there to be asked. */
async function run(script: string, args: string[] = [], input = '', env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [`scripts/${script}.ts`, ...args], {
    env: { ...process.env, DATABASE_URL: database.url, ...env },
  });
  child.stdin.end(input);
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [output, errors, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  return { output, errors, exitCode };
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
  expect(await account(email)).toMatchObject({ role: 'ADMIN', passwordHash: 'unchanged', sessionVersion: 1 });
});

test.each([
  ['create-admin', [], '', 'Give the address: --email'],
  ['create-admin', ['--email', 'x'], '', 'Give an email address'],
  ['create-admin', ['--email', 'o@example.com'], '', 'Give the name'],
  ['create-admin', ['--email', 'o@example.com', '--name', 'O'], '', 'first line of standard input'],
  ['create-admin', ['--email', 'o@example.com', '--name', 'O'], 'short\n', 'at least 10 characters'],
  ['create-admin', ['--password', 'correct horse'], '', "Unknown option '--password'"],
  ['create-token', [], '', 'npm run create-token -- --name ci'],
  ['set-password', ['--email', 'nobody@example.com'], 'correct horse\n', 'has no account'],
])('%s %j refuses in one sentence', async (script, args, input, sentence) => {
  const { output, errors, exitCode } = await run(script, args, input);
  expect({ output, exitCode }).toEqual({ output: '', exitCode: 1 });
  expect(errors).toContain(sentence);
  expect(errors.trim()).not.toContain('\n');
  expect(await account('o@example.com')).toBeNull();
});

test('a variable that cannot be used is refused in one sentence too', async () => {
  const { errors, exitCode } = await run('create-token', ['--name', 'ci'], '', { DATABASE_URL: 'mysql://x' });
  expect(exitCode).toBe(1);
  expect(errors.trim()).toMatch(/^DATABASE_URL must start with [^\n]*$/);
});

test('create-token prints the token alone, so that it can be piped', async () => {
  const { output, errors, exitCode } = await run('create-token', ['--name', 'ci']);
  expect(exitCode).toBe(0);
  expect(output).toMatch(/^bf_[A-Za-z0-9_-]{43}\n$/);
  expect(errors).toContain('shown only now');
  expect(await database.db.apiToken.findMany()).toMatchObject([{ name: 'ci', revokedAt: null }]);
});

test('set-password replaces the password and ends every session', async () => {
  const email = 'pia@example.com';
  await database.db.user.create({ data: { email, name: 'Pia', passwordHash: 'the old one' } });
  expect(await run('set-password', ['--email', email], 'correct horse\n')).toMatchObject({ exitCode: 0 });
  const changed = await account(email);
  expect(changed).toMatchObject({ sessionVersion: 2 });
  expect(changed?.passwordHash).toMatch(/^\$argon2id\$/);
});

test('a script makes the database when there is none', async () => {
  const { url, remove } = await emptyDatabase();
  const made = await run('create-token', ['--name', 'ci'], '', { DATABASE_URL: url });
  await remove();
  expect(made).toMatchObject({ exitCode: 0 });
});
