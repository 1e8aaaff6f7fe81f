/**
 * Takes faults, or attacks, one by one and beside each other: a row for each, a summary in test-results/, and
 * the exit code 1 when a bound was broken.
 *
 *     … -- --short --without-long --stream-path plain --only killed,stalled-clients
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findPostgresql, findRedis } from '../../scripts/servers.mjs';
import type { Circumstances, Fault, Finding, StreamPath } from './fault.ts';
import { leaveNothingBehind } from './leftovers.ts';
import { inParallel } from './waiting.ts';

const RESULTS = fileURLToPath(new URL('../../test-results', import.meta.url));
const PATHS: readonly StreamPath[] = ['handover', 'plain'];
// They wait most of the time; more of them would compete for two cores when they start.
const BESIDE_EACH_OTHER = 4;

/** A fault as it was taken, on one of the two paths. */
export interface Taken extends Finding {
  fault: Fault;
  streamPath: StreamPath;
  seconds: number;
}

/**
 * Takes those of the list that the command line names, in its order. Never returns: the process ends.
 *
 * @param name The report is test-results/<name>.json.
 * @param finish Gets what was taken, before the process ends.
 */
export async function takeAll(
  name: string,
  list: readonly Fault[],
  finish: (taken: readonly Taken[], how: { short: boolean; whole: boolean }) => void = () => {},
): Promise<never> {
  leaveNothingBehind();
  for (const find of [findRedis, findPostgresql]) await find();
  const { short, withoutLong, only, streamPaths } = readArguments(list);
  const chosen = list.filter((fault) => only?.includes(fault.name) ?? !(withoutLong && fault.isLong));
  const startedAt = performance.now();
  const taken: Taken[] = [];
  const takeAndPrint = async (fault: Fault, circumstances: Circumstances) => {
    const one = await takeOne(fault, circumstances);
    taken.push(one);
    print(one);
  };
  for (const [index, streamPath] of streamPaths.entries()) {
    // What does not depend on the path is the same on the second one.
    const faults = chosen.filter((fault) => index === 0 || fault.dependsOnStreamPath);
    const circumstances = { short, streamPath };
    const those = (runs: Fault['runs']) => faults.filter((fault) => fault.runs === runs);
    await inParallel(those('beside'), BESIDE_EACH_OTHER, (fault) => takeAndPrint(fault, circumstances));
    await inParallel(those('alone'), 1, (fault) => takeAndPrint(fault, circumstances));
  }
  await takeAgainWhatWasSlow(taken, short);
  const failed = taken.filter(({ broken, passed }) => broken.length + passed.length > 0);
  const skipped = taken.filter((finding) => finding.skipped !== undefined);
  const held = taken.length - failed.length - skipped.length;
  const seconds = (performance.now() - startedAt) / 1_000;
  const counts = { passed: held, failed: failed.length, skipped: skipped.length };
  writeReport(name, { ...counts, short, seconds }, taken);
  say(`\n${held} held, ${failed.length} broken, ${skipped.length} skipped, in ${seconds.toFixed(0)} s`);
  finish(taken, { short, whole: only === null && !withoutLong });
  process.exit(failed.length === 0 && taken.length > 0 ? 0 : 1);
}

/**
 * Once more, and by itself: a bound of time or memory may have been passed because of what else the
 * machine was doing. A promise that was broken stays broken.
 */
async function takeAgainWhatWasSlow(taken: Taken[], short: boolean): Promise<void> {
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

function writeReport(name: string, summary: Record<string, unknown>, taken: readonly Taken[]): void {
  const faults = taken.map(({ fault: { name, breaks, bound }, ...rest }) => ({
    name,
    breaks,
    bound,
    ...rest,
  }));
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(join(RESULTS, `${name}.json`), `${JSON.stringify({ ...summary, faults }, null, 2)}\n`);
}

function readArguments(list: readonly Fault[]) {
  const { values } = parseArgs({
    options: {
      short: { type: 'boolean', default: false },
      'without-long': { type: 'boolean', default: false },
      only: { type: 'string' },
      'stream-path': { type: 'string' },
    },
  });
  const names = values.only?.split(',') ?? null;
  const unknown = names?.find((name) => !list.some((fault) => fault.name === name));
  if (unknown !== undefined) {
    complain(
      `There is nothing called "${unknown}". Choose from: ${list.map(({ name }) => name).join(', ')}.`,
    );
  }
  const path = values['stream-path'];
  if (path !== undefined && !PATHS.some((known) => known === path)) {
    complain(`--stream-path is one of ${PATHS.join(' and ')}.`);
  }
  // The long form takes both; the short one, the path that the app takes by itself.
  const inQuestion = PATHS.filter((known) => known === path);
  const unasked = values.short ? PATHS.slice(0, 1) : PATHS;
  return {
    short: values.short,
    withoutLong: values['without-long'],
    only: names,
    streamPaths: path === undefined ? unasked : inQuestion,
  };
}

function complain(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(2);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
