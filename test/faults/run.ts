/**
 * `npm run test:faults`: breaks things for real while the built app runs, and shows what held.
 *
 *     npm run test:faults -- --short --stream-path plain --only killed,stalled-clients
 *
 * One row for each fault, a summary in test-results/faults.json, and the exit code 1 when a bound was
 * broken. docs/reliability.md says what each of them promises.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { FAULTS } from './all.ts';
import type { Circumstances, Fault, Finding, StreamPath } from './fault.ts';
import { leaveNothingBehind } from './leftovers.ts';
import { inParallel } from './waiting.ts';

const REPORT = fileURLToPath(new URL('../../test-results/faults.json', import.meta.url));
const PATHS: readonly StreamPath[] = ['handover', 'plain'];
// They wait most of the time; more of them would compete for two cores when they start.
const BESIDE_EACH_OTHER = 4;

interface Taken extends Finding {
  fault: Fault;
  streamPath: StreamPath;
  seconds: number;
}

leaveNothingBehind();
const { short, only, streamPaths } = readArguments();
const startedAt = performance.now();
const taken: Taken[] = [];
for (const [index, streamPath] of streamPaths.entries()) {
  // What does not depend on the path is the same on the second one.
  const faults = chosen().filter((fault) => index === 0 || fault.dependsOnStreamPath);
  const circumstances = { short, streamPath };
  const beside = faults.filter(({ runs }) => runs === 'beside');
  await inParallel(beside, BESIDE_EACH_OTHER, (fault) => takeAndPrint(fault, circumstances));
  await inParallel(
    faults.filter(({ runs }) => runs === 'alone'),
    1,
    (fault) => takeAndPrint(fault, circumstances),
  );
}
await takeAgainWhatWasSlow();
const failed = taken.filter(({ broken, passed }) => broken.length + passed.length > 0);
const skipped = taken.filter((finding) => finding.skipped !== undefined);
const seconds = (performance.now() - startedAt) / 1_000;
writeReport();
say(
  `\n${taken.length - failed.length - skipped.length} held, ${failed.length} broken, ${skipped.length} skipped, in ${seconds.toFixed(0)} s`,
);
process.exit(failed.length === 0 && taken.length > 0 ? 0 : 1);

async function takeAndPrint(fault: Fault, circumstances: Circumstances): Promise<void> {
  const one = await takeOne(fault, circumstances);
  taken.push(one);
  print(one);
}

/**
 * Once more, and by itself: a bound of time or memory may have been passed because of what else the
 * machine was doing. A promise that was broken stays broken.
 */
async function takeAgainWhatWasSlow(): Promise<void> {
  for (const [index, { fault, streamPath, broken, passed }] of taken.entries()) {
    if (broken.length > 0 || passed.length === 0) continue;
    say(`again:  ${fault.name}`);
    const again = await takeOne(fault, { short, streamPath });
    taken[index] = again;
    print(again);
  }
}

async function takeOne(fault: Fault, circumstances: Circumstances): Promise<Taken> {
  const since = performance.now();
  const finding = await takeInTime(fault, circumstances);
  const { streamPath } = circumstances;
  return { ...finding, fault, streamPath, seconds: (performance.now() - since) / 1_000 };
}

async function takeInTime(fault: Fault, circumstances: Circumstances): Promise<Finding> {
  const limit = fault.limitSeconds[circumstances.short ? 'short' : 'full'];
  const tooLong = new AbortController();
  try {
    return await Promise.race([
      fault.take(circumstances),
      sleep(limit * 1_000, null, { signal: tooLong.signal }).then(() => {
        throw new Error(`It took more than ${limit} s.`);
      }),
    ]);
  } catch (error) {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { figure: 'not finished', broken: [reason], passed: [] };
  } finally {
    tooLong.abort();
  }
}

function print({ fault, streamPath, figure, broken, passed, skipped: reason, seconds: took }: Taken): void {
  const sentences = [...broken, ...passed];
  const mark = reason !== undefined ? 'skipped' : sentences.length === 0 ? 'held' : 'BROKEN';
  const path = fault.dependsOnStreamPath ? streamPath : 'either';
  const row = [mark.padEnd(7), fault.name.padEnd(21), path.padEnd(8), `${took.toFixed(0)} s`.padStart(5)];
  say(`${row.join(' ')}  ${reason ?? figure}`);
  if (reason === undefined) say(`        bound: ${fault.bound}`);
  for (const sentence of sentences) say(`        ! ${sentence.replaceAll('\n', '\n          ')}`);
}

function writeReport(): void {
  const rows = taken.map(({ fault: { name, breaks, bound }, ...rest }) => ({ name, breaks, bound, ...rest }));
  const counts = {
    passed: taken.length - failed.length - skipped.length,
    failed: failed.length,
    skipped: skipped.length,
  };
  mkdirSync(dirname(REPORT), { recursive: true });
  writeFileSync(REPORT, `${JSON.stringify({ ...counts, short, seconds, faults: rows }, null, 2)}\n`);
}

function chosen(): Fault[] {
  return FAULTS.filter(({ name }) => only === null || only.includes(name));
}

function readArguments() {
  const { values } = parseArgs({
    options: {
      short: { type: 'boolean', default: false },
      only: { type: 'string' },
      'stream-path': { type: 'string' },
    },
  });
  const names = values.only?.split(',') ?? null;
  const unknown = names?.find((name) => !FAULTS.some((fault) => fault.name === name));
  if (unknown !== undefined) {
    complain(`There is no fault "${unknown}". Choose from: ${FAULTS.map(({ name }) => name).join(', ')}.`);
  }
  const path = values['stream-path'];
  if (path !== undefined && !PATHS.some((known) => known === path)) {
    complain(`--stream-path is one of ${PATHS.join(' and ')}.`);
  }
  // The long form takes both; the short one, the path that the app takes by itself.
  const inQuestion = PATHS.filter((known) => known === path);
  const unasked = values.short ? PATHS.slice(0, 1) : PATHS;
  return { short: values.short, only: names, streamPaths: path === undefined ? unasked : inQuestion };
}

function complain(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(2);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
