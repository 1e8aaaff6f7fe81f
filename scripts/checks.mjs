// The checks behind `npm test` and `npm run validate`. Each says how many passed, failed and were skipped.

import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findBrowser } from './browser.mjs';
import { build, buildStandalone } from './build.mjs';
import { BELFRY_NODE, ROOT, run, runTool, toolEnvironment } from './command.mjs';
import { whileAlone } from './lock.mjs';
import { findPostgresql, findRedis } from './servers.mjs';
import { complain, Problem, say, seconds } from './terminal.mjs';

const NO_REDIS = 'Redis is not installed, and only root can install it, on Debian';

const PASSED = { passed: 1, failed: 0, skipped: 0 };
const FAILED = { passed: 0, failed: 1, skipped: 0 };

/** In the order in which they run: what is quick to know comes first, and the built app before its tests. */
export const CHECKS = { types, lint, unit, build: buildApp, integration, postgresql, faults, e2e };

/** These start the built app. */
export const NEED_BUILD = ['integration', 'postgresql', 'faults', 'e2e'];

/** Runs the named checks one after the other, whatever becomes of each, and prints a line about each. */
export async function runChecks(names) {
  mkdirSync(join(ROOT, 'test-results'), { recursive: true });
  const lines = [];
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const name of names) {
    say(`\n── ${name}`);
    const startedAt = Date.now();
    const result = await orFailed(CHECKS[name]);
    for (const key of Object.keys(sum)) sum[key] += result[key];
    const line = `${result.failed ? '✗' : '✓'} ${name.padEnd(12)} ${count(result).padEnd(34)} ${seconds(Date.now() - startedAt)}`;
    say(line);
    lines.push(line);
  }
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
    return FAILED;
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

function unit() {
  return runVitest('unit');
}

/** On the embedded database; with Redis where there is one. */
async function integration() {
  if (!(await findRedis())) complain(`${NO_REDIS}, so what needs it is skipped.`);
  return runVitest('integration');
}

/** The same once more, on a PostgreSQL server that the tests start. */
async function postgresql() {
  if (await findPostgresql()) return runVitest('integration-postgresql');
  complain('PostgreSQL is not installed, and only root can install it, on Debian: this check is skipped.');
  return { passed: 0, failed: 0, skipped: 1 };
}

async function buildApp() {
  await whileAlone(async () => {
    await build();
    await buildStandalone();
  });
  return PASSED;
}

/** The shortened form: every fault once, on the path that the app takes by itself. */
async function faults() {
  const report = 'test-results/faults.json';
  remove(report);
  const browser = await findBrowser();
  for (const find of [findRedis, findPostgresql]) await find();
  const { code } = await run(BELFRY_NODE, [join(ROOT, 'test/faults/run.ts'), '--short'], {
    env: toolEnvironment({ CHROMIUM_PATH: browser }),
    show: true,
  });
  const { passed = 0, failed = 0, skipped = 0 } = read(report) ?? {};
  return suite({ passed, failed, skipped }, code);
}

async function e2e() {
  const report = 'test-results/e2e.json';
  remove(report);
  const browser = await findBrowser();
  const { code } = await runTool('playwright', ['test'], { env: { CHROMIUM_PATH: browser }, show: true });
  const { expected = 0, unexpected = 0, flaky = 0, skipped = 0 } = read(report)?.stats ?? {};
  return suite({ passed: expected, failed: unexpected + flaky, skipped }, code);
}

async function runVitest(project) {
  const report = `test-results/${project}.json`;
  remove(report);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const { code } = await runTool('vitest', ['run', '--project', project, ...reporters], { show: true });
  const {
    numPassedTests = 0,
    numFailedTests = 0,
    numPendingTests = 0,
    numTodoTests = 0,
  } = read(report) ?? {};
  return suite(
    { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests },
    code,
  );
}

/** A suite without a test, or one that broke around its tests, has failed whatever it counted. */
function suite(result, code) {
  if (result.passed + result.failed === 0) complain('No test ran.');
  else if (code === 0 || result.failed > 0) return result;
  return { ...result, failed: result.failed + 1 };
}

function fromExitCode({ code }) {
  return code === 0 ? PASSED : FAILED;
}

function remove(report) {
  rmSync(join(ROOT, report), { force: true });
}

function read(report) {
  try {
    return JSON.parse(readFileSync(join(ROOT, report), 'utf8'));
  } catch {
    return undefined;
  }
}
