import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readOrMakeSecret, readSecret } from '../../lib/auth/kept-secret.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'belfry-secret-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const keptIn = (file: string) => ({
  file,
  what: 'The secret for tests',
  whenMadeAnew: 'everything begins anew',
  orElse: 'set TEST_SECRET',
});
const make = () => 'a secret that was made just now';

test('a secret is made once, and stays the same', () => {
  const kept = keptIn(join(folder, 'data', 'secret'));
  expect(readSecret(kept)).toBeNull();
  expect(readOrMakeSecret(kept, make)).toBe(make());
  expect(readOrMakeSecret(kept, () => 'another secret, made later')).toBe(make());
  expect(readSecret(kept)).toBe(make());
});

test('only its owner can read the secret, and no draft of it is left behind', () => {
  const file = join(folder, 'secret');
  readOrMakeSecret(keptIn(file), make);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(['secret']);
});

test('a secret that others could read is closed to them', () => {
  const file = join(folder, 'secret');
  readOrMakeSecret(keptIn(file), make);
  chmodSync(file, 0o644);
  expect(readOrMakeSecret(keptIn(file), make)).toBe(make());
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('servers that start at once agree on one secret', async () => {
  const file = join(folder, 'secret');
  const module = new URL('../../lib/auth/kept-secret.ts', import.meta.url).href;
  const program = `
    import { readOrMakeSecret } from '${module}';
    const kept = ${JSON.stringify(keptIn(file))};
    process.stdout.write(readOrMakeSecret(kept, () => 'the secret of process ' + process.pid));`;
  const run = () => promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
  const secrets = await Promise.all([run(), run(), run(), run()]);
  expect(new Set(secrets.map(({ stdout }) => stdout))).toEqual(new Set([readFileSync(file, 'utf8').trim()]));
  // Four processes take their time to start on a busy machine.
}, 30_000);

test('a damaged secret is refused with a way out, and not replaced', () => {
  const file = join(folder, 'secret');
  writeFileSync(file, '');
  expect(() => readOrMakeSecret(keptIn(file), make)).toThrow(
    'holds no usable secret. Delete it to have a new one made (everything begins anew), or set TEST_SECRET.',
  );
  expect(readFileSync(file, 'utf8')).toBe('');
});

test('a folder that cannot be used is named in the refusal', () => {
  writeFileSync(join(folder, 'data'), 'a file, not a folder');
  expect(() => readOrMakeSecret(keptIn(join(folder, 'data', 'secret')), make)).toThrow(
    /^The secret for tests cannot be kept in .*, or set TEST_SECRET\.$/,
  );
});
