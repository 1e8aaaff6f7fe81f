/**
 * `npm run test:apps`: real apps of other people's, from the packed file. `-- --only <name>` takes one of them;
 * `--short`, as `npm test` does with the first, leaves out the other ways to serve it.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect, parseArgs } from 'node:util';
import { findBrowser } from '../../scripts/browser.mjs';
import { authJs5 } from './auth-js-5.ts';
import { betterAuth } from './better-auth.ts';
import { type AppUnderTest, type Report, travel } from './journey.ts';
import { nextAuth4 } from './next-auth-4.ts';
import { ownCookie } from './own-cookie.ts';

const APPS: readonly AppUnderTest[] = [ownCookie, betterAuth, authJs5, nextAuth4];

const { values } = parseArgs({
  options: { only: { type: 'string' }, short: { type: 'boolean', default: false } },
});
const chosen = APPS.filter(({ name }) => values.only === undefined || values.only === name);
if (chosen.length === 0)
  throw new Error(`There is no app ${values.only}. There are: ${APPS.map(({ name }) => name).join(', ')}.`);

process.env.CHROMIUM_PATH ??= await findBrowser();
const folder = mkdtempSync(join(tmpdir(), 'belfry-packed-'));
let failed = 0;
try {
  const tarball = pack(folder);
  for (const app of chosen) failed += await take(app, tarball);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failed === 0 ? 0 : 1;

function pack(into: string): string {
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  execFileSync('npm', ['pack', '--silent', '--pack-destination', into], {
    cwd,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [file] = readdirSync(into);
  if (file === undefined) throw new Error('Nothing was packed.');
  return join(into, file);
}

async function take(app: AppUnderTest, tarball: string): Promise<0 | 1> {
  try {
    const report = await travel(app, tarball, values.short);
    process.stdout.write(`✓ ${app.name}: ${wordsOf(report)}\n`);
    return 0;
  } catch (error) {
    process.stdout.write(`✗ ${app.name}: ${inspect(error)}\n`);
    return 1;
  }
}

function wordsOf({ lines, filledIn, seconds }: Report): string {
  const times = Object.entries(seconds).map(([step, time]) => `${step} ${time} s`);
  return `${lines} lines of the app's own changed, ${filledIn} filled in; ${times.join(', ')}`;
}
