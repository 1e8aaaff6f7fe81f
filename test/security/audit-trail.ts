/** A stranger who wants to fill the audit trail, to hide in it, or to have it run something. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { type Belfry, withBelfry } from '../faults/belfry.ts';
import { type Fault, type Finding, Verdict } from '../faults/fault.ts';
import { inParallel, range } from '../faults/waiting.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TRIES = { short: 270, full: 3_000 };
// On one account, of which the tenth closes it.
const ON_ONE = 12;
const AT_ONCE = 10;
const PASSWORD = 'the password that was tried';
// In an hour, and one for each action that says how many more there were.
const MOST_ROWS = 252;
// As the address of an account, what a spreadsheet or a terminal would act on.
const HOSTILE = [
  '=1+1@x.test',
  '+1@x.test',
  '-1@x.test',
  '@sum(1)',
  '\t=1@x.test',
  '"=1,@x.test',
  '\u001b[2j@x.test',
];

interface Row {
  action: string;
  actor: string;
  address: string;
  agent: string;
  detail: string | null;
}

export const auditTrail: Fault = {
  name: 'audit-trail',
  breaks: `a stranger with as many addresses tries to sign in as ${TRIES.full.toLocaleString('en')} people, some of them formulas, and the server is stopped`,
  bound: `at most ${MOST_ROWS} rows an hour, which say how many there were; none lost at the stop; no password; CSV computes nothing`,
  runs: 'beside',
  limitSeconds: { short: 60, full: 300 },
  dependsOnStreamPath: false,
  take: (circumstances) =>
    withBelfry({ ...circumstances, env: { TRUSTED_PROXIES: '127.0.0.1' } }, (belfry) =>
      take(belfry, circumstances.short ? TRIES.short : TRIES.full),
    ),
};

async function take(belfry: Belfry, tries: number): Promise<Finding> {
  const verdict = new Verdict();
  const { cookie, csrfToken } = await readCsrf(belfry);
  // These first: what comes beyond the bound is a number.
  const first = [...HOSTILE, ...range(ON_ONE).map(() => 'victim@example.com')];
  const emails = [...first, ...range(tries - first.length).map((n) => `user${n}@example.com`)];
  await inParallel(emails, AT_ONCE, async (email, n) => {
    await belfry.ask('/api/auth/callback/credentials', {
      method: 'POST',
      headers: {
        Cookie: cookie,
        Origin: belfry.url,
        'User-Agent': '=cmd|calc',
        'X-Forwarded-For': `10.0.${Math.floor(n / 250)}.${(n % 250) + 1}`,
        'Content-Type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams({ csrfToken, email, password: PASSWORD, json: 'true' }).toString(),
    });
  });
  await belfry.server.stop();

  const rows = belfry.sql('SELECT action, actor, address, agent, detail FROM audit_entry') as Row[];
  verdict.expect(rows.length <= MOST_ROWS, `There are ${rows.length} rows.`);
  const told = rows.reduce((sum, { detail }) => sum + (moreIn(detail) ?? 1), 0);
  verdict.expect(told >= rows.length && told <= tries, `${told} of ${tries} tries are told of.`);
  const refused = rows.filter(({ action }) => action === 'sign_in_refused');
  verdict.expect(refused.length > 0, 'No refusal was recorded.');
  const locked = rows.filter(({ action }) => action === 'sign_in_locked');
  verdict.expect(
    locked.length === 1 && locked[0]?.actor === 'victim@example.com',
    `That the limits closed an account is recorded ${locked.length} times.`,
  );
  const everything = JSON.stringify(rows) + belfry.server.log();
  verdict.expect(!everything.includes(PASSWORD), 'The password stands in the trail or in the log.');

  const csv = await runAudit(belfry, '--csv');
  const cells = [...csv.matchAll(/"((?:[^"]|"")*)"/g)].map(([, cell = '']) => cell);
  const computed = cells.filter((cell) => /^[=+\-@\t\r]/.test(cell));
  verdict.expect(computed.length === 0, `A spreadsheet would compute ${JSON.stringify(computed[0])}.`);
  verdict.expect(cells.length % 10 === 0, 'A cell broke out of its row.');
  verdict.expect(csv.includes(`"'=cmd|calc"`), 'The formula itself is not there to be read.');
  const lines = await runAudit(belfry, '--limit', '1000');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there.
  verdict.expect(!/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/.test(lines), 'A terminal would act on a line.');
  return verdict.finding(`${tries} tries: ${rows.length} rows, ${computed.length} formulas`);
}

function moreIn(detail: string | null): number | null {
  return detail === null ? null : ((JSON.parse(detail) as { more?: number }).more ?? null);
}

async function readCsrf(belfry: Belfry): Promise<{ cookie: string; csrfToken: string }> {
  const { headers, text: body } = await belfry.ask('/api/auth/csrf');
  const cookie = (headers['set-cookie'] ?? []).map((one) => one.split(';')[0]).join('; ');
  return { cookie, csrfToken: (JSON.parse(body) as { csrfToken: string }).csrfToken };
}

function runAudit(belfry: Belfry, ...args: string[]): Promise<string> {
  const child = spawn(process.execPath, ['scripts/audit.ts', ...args], {
    cwd: ROOT,
    env: { ...process.env, ...belfry.environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return text(child.stdout);
}
