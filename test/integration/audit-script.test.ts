// @module-tag once
import { spawn } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { runScript } from '../support/script.ts';

const DAY_MS = 24 * 60 * 60_000;
const FORMULAS = ['=1+1', '+1', '-1', '@SUM(1)', '\t=1', '\r=1', '＝1'];

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
  const row = { action: 'signed_in', address: '192.0.2.1', agent: 'Firefox', at: new Date() };
  await database.db.auditEntry.createMany({
    data: [
      { ...row, actor: 'old@example.com', at: new Date(Date.now() - 30 * DAY_MS) },
      { ...row, actor: 'ada@example.com', actorUserId: 7 },
      {
        ...row,
        actor: 'root',
        action: 'password_changed',
        subject: 'ada@example.com',
        address: 'command line',
      },
      ...FORMULAS.map((actor) => ({ ...row, actor, action: 'sign_in_refused' })),
      { ...row, actor: 'say "hi", \u001b[31mred\u202e\nnew line', action: 'sign_in_refused' },
    ],
  });
});
afterAll(() => database.remove());

async function audit(...args: string[]): Promise<string> {
  const ran = await runScript('audit', { args, env: { DATABASE_URL: database.url } });
  expect(ran).toMatchObject({ errors: '', exitCode: 0 });
  return ran.output;
}

test('it prints a line an entry, newest last, and nothing that a terminal would act on', async () => {
  const lines = (await audit()).trimEnd().split('\n');
  expect(lines).toHaveLength(3 + FORMULAS.length + 1);
  expect(lines[1]).toMatch(
    /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ {2}signed_in +ada@example.com {2}from 192\.0\.2\.1 {2}Firefox$/,
  );
  expect(lines[2]).toContain('root → ada@example.com  from command line');
  expect(lines.at(-1)).toContain('say "hi", �[31mred��new line');
});

test('it shows what one asks for: since when, which action, which account, how many', {
  tags: 'long',
}, async () => {
  const actorsOf = (lines: string) => [...lines.matchAll(/"actor":"([^"]*)"/g)].map(([, actor]) => actor);
  const since = actorsOf(await audit('--json', '--since', '7d', '--action', 'signed_in'));
  expect(since).toEqual(['ada@example.com']);
  expect(actorsOf(await audit('--json', '--user', 'Ada@example.com'))).toEqual(['ada@example.com', 'root']);
  expect(actorsOf(await audit('--json', '--user', '7'))).toEqual(['ada@example.com']);
  expect(actorsOf(await audit('--json', '--limit', '2', '--action', 'signed_in'))).toEqual([
    'old@example.com',
    'ada@example.com',
  ]);
  expect(actorsOf(await audit('--json', '--limit', '1'))).toHaveLength(1);
});

test('as CSV every cell is quoted, and none begins with what a spreadsheet would compute', async () => {
  const csv = await audit('--csv');
  const [heading, ...records] = csv.trimEnd().split('\r\n');
  expect(heading).toBe('"id","at","action","actor","userId","tokenId","subject","address","agent","detail"');
  expect(records).toHaveLength(3 + FORMULAS.length + 1);
  for (const cell of csv.matchAll(/"((?:[^"]|"")*)"/g)) expect(cell[1]).not.toMatch(/^[=+\-@\t\r\uff1d]/);
  expect(csv).toContain(`"'=1+1"`);
  expect(csv).toContain('"say ""hi"", �[31mred��new line"');
});

test('who reads only the beginning ends it without a complaint', { tags: 'long' }, async () => {
  await database.db.auditEntry.createMany({
    data: Array.from({ length: 3_000 }, () => ({
      action: 'signed_out',
      actor: 'a',
      address: 'x'.repeat(60),
      agent: 'y'.repeat(200),
      at: new Date(),
    })),
  });
  const child = spawn('sh', ['-c', `"${process.execPath}" scripts/audit.ts --json | head -n 1`], {
    env: { ...process.env, DATABASE_URL: database.url },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (text) => {
    errors += text;
  });
  await new Promise((resolve) => child.once('close', resolve));
  expect(errors).toBe('');
});
