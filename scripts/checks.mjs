// The checks behind `npm test` and `npm run validate`. Each says how many passed, failed and were skipped.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findBrowser } from './browser.mjs';
import { build, buildStandalone } from './build.mjs';
import { BELFRY_NODE, ROOT, run, runTool, toolEnvironment } from './command.mjs';
import { whileAlone } from './lock.mjs';
import { findPostgresql, findRedis } from './servers.mjs';
import { complain, Problem, say, seconds } from './terminal.mjs';
import { testReport } from './test-reports.mjs';

const NO_REDIS = 'Redis is not installed, and only root can install it, on Debian';

// A random sequence takes PostgreSQL thirty times as long as SQLite, which takes as many as each test says.
const FEW_SEQUENCES = { SEQUENCES: '8' };

const PASSED = { passed: 1, failed: 0, skipped: 0 };
const FAILED = { passed: 0, failed: 1, skipped: 0 };
const NOT_BUILT = { ...FAILED, failures: ['The app was not built, so this was not tried.'] };
const SKIPPED = { passed: 0, failed: 0, skipped: 1 };

/** In the order in which they run: what is quick to know comes first, and the built app before its tests. */
export const CHECKS = {
  types,
  lint,
  unit,
  build: buildApp,
  integration,
  postgresql,
  faults,
  security,
  apps,
  e2e,
};

/** Only for `npm run test:all`, or by name. */
export const LONG = ['apps'];

/** These start the built app. */
export const NEED_BUILD = ['integration', 'postgresql', 'faults', 'security', 'e2e'];

/**
 * Runs the named checks one after the other, whatever becomes of each. At the end it prints what failed
 * and a line about each check, so that the last page of a log says what went wrong.
 *
 * @param long With the tests that are marked as long.
 */
export async function runChecks(names, { long = false } = {}) {
  mkdirSync(join(ROOT, 'test-results'), { recursive: true });
  const lines = [];
  const failures = [];
  let isBuilt = true;
  let areTypesChecked = false;
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const name of names) {
    say(`\n── ${name}`);
    const startedAt = Date.now();
    const result =
      isBuilt || !NEED_BUILD.includes(name)
        ? await orFailed(() => CHECKS[name]({ long, areTypesChecked }))
        : NOT_BUILT;
    if (name === 'build') isBuilt = result.failed === 0;
    if (name === 'types') areTypesChecked = result.failed === 0;
    for (const key of Object.keys(sum)) sum[key] += result[key];
    const line = `${result.failed ? '✗' : '✓'} ${name.padEnd(12)} ${count(result).padEnd(34)} ${seconds(Date.now() - startedAt)}`;
    say(line);
    lines.push(line);
    failures.push(...(result.failures ?? []).map((failure) => `✗ ${name}: ${failure}`));
  }
  if (failures.length > 0) say(`\n── what failed\n\n${failures.join('\n\n')}`);
  say(`\n${lines.join('\n')}\n`);
  return sum;
}

/** `3 passed, 0 failed`, and the skipped ones where there are any. */
export function count({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`;
}

async function orFailed(check) {
  try {
    return await check();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.output.trim()) complain(error.output.trim());
    complain(error.message);
    return { ...FAILED, failures: [error.message] };
  }
}

async function types() {
  // Writes the types of the routes, and removes those of routes that are gone.
  const typegen = await runTool('next', ['typegen']);
  if (typegen.code !== 0)
    throw new Problem('The types of the routes could not be generated.', { output: typegen.output });
  return fromExitCode(await runTool('tsc', ['--noEmit', '--pretty'], { show: true }));
}

/** Format, rules, import directions, cycles: all of it is in biome.json. */
async function lint() {
  return fromExitCode(await runTool('biome', ['check', '--error-on-warnings', '.'], { show: true }));
}

function unit({ long }) {
  return runVitest('unit', { long });
}

/** On the embedded database; with Redis where there is one. */
async function integration({ long }) {
  if (!(await findRedis())) complain(`${NO_REDIS}, so what needs it is skipped.`);
  return runVitest('integration', { long });
}

/** The same once more, on a PostgreSQL server that the tests start. */
async function postgresql({ long }) {
  if (await findPostgresql())
    return runVitest('integration-postgresql', { long, leftOut: ['long', 'once'], env: FEW_SEQUENCES });
  complain('PostgreSQL is not installed, and only root can install it, on Debian: this check is skipped.');
  return SKIPPED;
}

/** That for containers too, where something tries it. */
async function buildApp({ long, areTypesChecked }) {
  await whileAlone(async () => {
    await build({ areTypesChecked });
    if (long) await buildStandalone({ areTypesChecked });
  });
  return PASSED;
}

/** With smaller counts, on the path that the app takes by itself. */
function faults({ long }) {
  return breakFor('faults', 'test/faults/run.ts', { long });
}

/** The attacks in the same form. */
function security({ long }) {
  return breakFor('security', 'test/security/run.ts', { long });
}

async function breakFor(name, script, { long }) {
  const report = testReport('faults', name);
  const browser = await findBrowser();
  const form = long ? ['--short'] : ['--short', '--without-long'];
  const { code } = await run(BELFRY_NODE, [join(ROOT, script), ...form], {
    env: toolEnvironment({ CHROMIUM_PATH: browser }),
    show: true,
  });
  return report.read(code);
}

/** One app of somebody else's, from the packed file; `npm run test:apps` takes all. */
async function apps() {
  const browser = await findBrowser();
  const { code } = await run(
    BELFRY_NODE,
    [join(ROOT, 'test/apps/run.ts'), '--only', 'own-cookie', '--short'],
    {
      env: toolEnvironment({ CHROMIUM_PATH: browser }),
      show: true,
    },
  );
  return fromExitCode({ code });
}

async function e2e({ long }) {
  const report = testReport('playwright', 'e2e');
  const browser = await findBrowser();
  const chosen = long ? [] : ['--grep-invert', '@long'];
  const { code } = await runTool('playwright', ['test', ...chosen], {
    env: { CHROMIUM_PATH: browser },
    show: true,
  });
  return report.read(code);
}

async function runVitest(project, { long, leftOut = ['long'], env = {} }) {
  const report = testReport('vitest', project);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report.file}`];
  const chosen = long ? [] : [`--tags-filter=${leftOut.map((tag) => `!${tag}`).join(' && ')}`];
  const { code } = await runTool('vitest', ['run', '--project', project, ...chosen, ...reporters], {
    env: long ? {} : env,
    show: true,
  });
  return report.read(code);
}

function fromExitCode({ code }) {
  return code === 0 ? PASSED : FAILED;
}
