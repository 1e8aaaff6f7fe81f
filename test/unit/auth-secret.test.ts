import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readOrMakeSecret } from '../../lib/auth/secret.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'belfry-secret-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a secret is made once, with 32 random bytes, and stays the same', () => {
  const file = join(folder, 'data', 'auth-secret');
  const secret = readOrMakeSecret(file);
  expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
  expect(readOrMakeSecret(file)).toBe(secret);
  expect(readOrMakeSecret(join(folder, 'other', 'auth-secret'))).not.toBe(secret);
});

test('only its owner can read the secret, and no draft of it is left behind', () => {
  const file = join(folder, 'auth-secret');
  readOrMakeSecret(file);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(['auth-secret']);
});

test('a secret that others could read is closed to them', () => {
  const file = join(folder, 'auth-secret');
  const secret = readOrMakeSecret(file);
  chmodSync(file, 0o644);
  expect(readOrMakeSecret(file)).toBe(secret);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('servers that start at once agree on one secret', async () => {
  const file = join(folder, 'auth-secret');
  const module = new URL('../../lib/auth/secret.ts', import.meta.url).href;
  const program = `import { readOrMakeSecret } from '${module}'; process.stdout.write(readOrMakeSecret(process.argv[1]));`;
  const run = () => promisify(execFile)(process.execPath, ['--input-type=module', '-e', program, file]);
  const secrets = await Promise.all([run(), run(), run(), run()]);
  expect(new Set(secrets.map(({ stdout }) => stdout))).toEqual(new Set([readFileSync(file, 'utf8').trim()]));
});

test('a damaged secret is refused with a way out, and not replaced', () => {
  const file = join(folder, 'auth-secret');
  writeFileSync(file, '');
  expect(() => readOrMakeSecret(file)).toThrow(/holds no usable secret. Delete it/);
  expect(readFileSync(file, 'utf8')).toBe('');
});

test('a folder that cannot be used is named in the refusal', () => {
  writeFileSync(join(folder, 'data'), 'a file, not a folder');
  expect(() => readOrMakeSecret(join(folder, 'data', 'auth-secret'))).toThrow(/or set NEXTAUTH_SECRET/);
});

test('the key of actions is the same wherever the secret is, is as long as Next wants it, and tells nothing of the secret', async () => {
  const module = new URL('../../lib/auth/secret.ts', import.meta.url).href;
  const program = `import { actionKey } from '${module}'; process.stdout.write(actionKey());`;
  const keyFor = async (secret: string) => {
    const env = { ...process.env, NEXTAUTH_SECRET: secret };
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
      env,
    });
    return stdout;
  };
  const [one, again, other] = await Promise.all(
    ['a secret for this test', 'a secret for this test', 'another one for this test'].map(keyFor),
  );
  expect(again).toBe(one);
  expect(other).not.toBe(one);
  const bytes = Buffer.from(one ?? '', 'base64');
  expect(bytes).toHaveLength(32);
  expect(bytes.toString('latin1')).not.toContain('secret');
});
