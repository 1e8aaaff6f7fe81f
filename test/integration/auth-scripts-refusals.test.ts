/**
 * What the commands about accounts and tokens refuse to take.
 *
 * @module-tag once
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifyPassword } from '../../lib/auth/password.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { runScript } from '../support/script.ts';

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

const account = (email: string) => database.db.user.findUnique({ where: { email } });

test.each([
  ['create-admin', [], '', 'Give the address: --email'],
  ['create-admin', ['--email', 'x'], '', 'Give an email address'],
  ['create-admin', ['--email', 'o@example.com'], '', 'Give the name'],
  ['create-admin', ['--email', 'o@example.com', '--name', 'O'], '', 'first line of standard input'],
  ['create-admin', ['--email', 'o@example.com', '--name', 'O'], 'short\n', 'at least 10 characters'],
  ['create-admin', ['--password', 'correct horse'], '', "Unknown option '--password'"],
  ['create-token', [], '', 'npm run create-token -- --name ci'],
  ['create-token', ['--name', 'ci', '--scope', 'everything'], '', 'send, metrics'],
  ['create-token', ['--name', 'ci', '--expires', '2026-02-31'], '', 'Give --expires as days'],
  ['create-token', ['--name', 'ci', '--expires', '2020-01-31'], '', 'as a day to come'],
  ['revoke-token', [], '', '--id 3, or --name ci'],
  ['revoke-token', ['--id', '999'], '', 'There is no such token'],
  ['disable-account', ['--email', 'nobody@example.com'], '', 'has no account'],
  ['set-role', ['--email', 'nobody@example.com', '--role', 'KING'], '', '--role ADMIN or --role USER'],
  ['audit', ['--since', 'yesterday'], '', 'Give --since as 7d'],
  ['audit', ['--action', 'signed_inn'], '', 'signed_in, sign_in_refused'],
  ['delete-account', ['--email', 'nobody@example.com', '--yes'], '', 'has no account'],
  ['set-password', ['--email', 'nobody@example.com'], 'correct horse\n', 'has no account'],
])('%s %j refuses in one sentence', { tags: 'long' }, async (script, args, input, sentence) => {
  const { output, errors, exitCode } = await run(script, args, input);
  expect({ output, exitCode }).toEqual({ output: '', exitCode: 1 });
  expect(errors).toContain(sentence);
  expect(errors.trim()).not.toContain('\n');
  expect(await account('o@example.com')).toBeNull();
});

test('a password or a name that is no UTF-8 is refused, and one with a byte order mark is taken', async () => {
  const args = ['--email', 'o@example.com', '--name', 'O'];
  const latin1 = Buffer.from('korrekte Bärte\n', 'latin1');
  expect(await run('create-admin', args, latin1)).toMatchObject({
    exitCode: 1,
    errors: expect.stringContaining('Standard input is not valid UTF-8'),
  });
  // What Node makes of an argument that it cannot decode.
  expect(await run('create-admin', [...args.slice(0, 3), 'J\ufffdrg'], 'correct horse\n')).toMatchObject({
    exitCode: 1,
    errors: expect.stringContaining('is not valid UTF-8'),
  });
  expect(await account('o@example.com')).toBeNull();
  const marked = ['--email', 'bom@example.com', '--name', 'Bom'];
  expect(await run('create-admin', marked, '\ufeffcorrect horse\n')).toMatchObject({ exitCode: 0 });
  const { passwordHash } = (await account('bom@example.com')) ?? expect.fail('no account');
  expect(await verifyPassword(passwordHash, 'correct horse')).toBe(true);
});

test('a variable that cannot be used is refused in one sentence too', async () => {
  const { errors, exitCode } = await run('create-token', ['--name', 'ci'], '', { DATABASE_URL: 'mysql://x' });
  expect(exitCode).toBe(1);
  expect(errors.trim()).toMatch(/^DATABASE_URL must start with [^\n]*$/);
});
