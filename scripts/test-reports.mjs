// What a suite wrote about its tests: how many passed, failed and were skipped, and what each failure said.

import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { ROOT } from './command.mjs';

const FAILURE_LINES = 15;

const READERS = { vitest: readVitest, playwright: readPlaywright, faults: readFaults };

/** A report that a suite is about to write. Removes an older one, so that only this run's counts. */
export function testReport(kind, name) {
  const file = `test-results/${name}.json`;
  rmSync(join(ROOT, file), { force: true });
  return { file, read: (code) => suite(READERS[kind](parse(file)), code) };
}

/** A suite without a test, or one that broke around its tests, has failed whatever it counted. */
function suite(result, code) {
  if (result.passed + result.failed === 0) return brokenAround(result, 'No test ran.');
  if (code === 0 || result.failed > 0) return result;
  return brokenAround(result, `No test failed, but the suite ended with ${code}: what it printed says why.`);
}

function brokenAround(result, sentence) {
  return { ...result, failed: result.failed + 1, failures: [...result.failures, sentence] };
}

function readVitest(report) {
  const {
    numPassedTests = 0,
    numFailedTests = 0,
    numPendingTests = 0,
    numTodoTests = 0,
    testResults = [],
  } = report;
  const failures = testResults.flatMap(({ name: path, message, status, assertionResults }) => {
    const tests = assertionResults.filter((one) => one.status === 'failed');
    const file = path.replace(ROOT, '').replace(/^\//, '');
    // A file that could not be run to its tests has a message of its own.
    if (tests.length === 0) return status === 'failed' ? [failure(file, [message])] : [];
    return tests.map(({ fullName, failureMessages }) => failure(`${file} › ${fullName}`, failureMessages));
  });
  return {
    passed: numPassedTests,
    failed: numFailedTests,
    skipped: numPendingTests + numTodoTests,
    failures,
  };
}

function readPlaywright({ stats = {}, suites = [], errors = [] }) {
  const { expected = 0, unexpected = 0, flaky = 0, skipped = 0 } = stats;
  const specs = (one) => [...(one.specs ?? []), ...(one.suites ?? []).flatMap(specs)];
  const failures = suites
    .flatMap(specs)
    .filter(({ ok, tests }) => !ok || tests.some(({ status }) => status === 'flaky'))
    .map(({ file, line, title, tests }) => {
      const said = tests.flatMap(({ results }) => results.flatMap(({ errors: all }) => all));
      return failure(
        `${file}:${line} › ${title}`,
        said.map(({ message }) => message),
      );
    });
  const around = errors.map(({ message }) => failure('around the tests', [message]));
  return { passed: expected, failed: unexpected + flaky, skipped, failures: [...failures, ...around] };
}

function readFaults({ passed = 0, failed = 0, skipped = 0, faults = [] }) {
  const failures = faults
    .map(({ name, streamPath, broken, passed: bounds }) => ({
      title: `${name} (${streamPath})`,
      sentences: [...broken, ...bounds],
    }))
    .filter(({ sentences }) => sentences.length > 0)
    .map(({ title, sentences }) => failure(title, sentences));
  return { passed, failed, skipped, failures };
}

/** A title and, indented, the first lines of what it said. */
function failure(title, messages) {
  const said = messages.map((message = '') => stripVTControlCharacters(message).trim()).join('\n');
  const lines = said
    .split('\n')
    .filter((line) => !/^\s+at .*(node_modules|new Promise)/.test(line))
    .slice(0, FAILURE_LINES);
  return [title, ...lines.map((line) => `    ${line}`)].join('\n');
}

function parse(file) {
  try {
    return JSON.parse(readFileSync(join(ROOT, file), 'utf8'));
  } catch {
    return {};
  }
}
