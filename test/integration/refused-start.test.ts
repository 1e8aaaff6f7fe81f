/** Starts that are refused before any database is asked. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { startAndFail } from '../support/failing-start.ts';
import { startUnderOldNode } from '../support/old-node.ts';

const NEXT = fileURLToPath(new URL('../../node_modules/next/dist/bin/next', import.meta.url));

test('a file that is no database stops the start with a sentence, without a stack trace', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'belfry-test-'));
  const file = join(folder, 'diary.txt');
  writeFileSync(file, 'my diary '.repeat(1_000));
  const { code, output } = await startAndFail({ DATABASE_URL: `file:${file}` });
  rmSync(folder, { recursive: true });
  expect(code).toBe(1);
  expect(output).toMatch(/The database .*diary\.txt cannot be used .*DATABASE_URL/);
  expect(output).not.toMatch(/^\s+at /m);
});

test.each([
  [{ MAX_STREAMS_PER_USER: 'many' }, 'MAX_STREAMS_PER_USER must be a whole number above 0.'],
  [{ BELFRY_HOST: '0.0.0.0', NEXTAUTH_SECRET: '' }, 'without NEXTAUTH_SECRET'],
])('a variable that cannot be used stops the start with a sentence: %j', async (env, sentence) => {
  const { code, output } = await startAndFail(env);
  expect(code).toBe(1);
  expect(output).toContain(sentence);
  expect(output).not.toMatch(/^\s+at /m);
});

test('a Node that is too old is refused with a sentence by `next start` itself', async () => {
  const { code, output } = await startUnderOldNode(
    process.cwd(),
    [NEXT, 'start', '-H', '127.0.0.1', '-p', '0'],
    {
      DATABASE_URL: 'file:/nowhere/belfry.db',
    },
  );
  expect(code).toBe(1);
  expect(output).toContain('Belfry needs Node 22 or later, and this is 20.20.2.');
  expect(output).not.toMatch(/^\s+at /m);
});

test('the oldest Node that is taken is the one that the database driver asks for, wherever it is said', () => {
  const { engines } = JSON.parse(readFileSync('node_modules/better-sqlite3/package.json', 'utf8'));
  const said = ['lib/lifecycle/node-version.ts', 'deploy/check-node.mjs'].map(
    (file) => /OLDEST_NODE = (\d+)/.exec(readFileSync(file, 'utf8'))?.[1],
  );
  expect(said.map((version) => `>=${version}`)).toEqual([engines.node, engines.node]);
});
