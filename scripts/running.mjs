// Who is running from a folder, or on a database: each says so in a file, for as long as it lives.

import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './command.mjs';
import { ABANDONED_MS, isAlive, TOUCH_MS } from './lock.mjs';
import { Problem } from './terminal.mjs';

const HERE = join(ROOT, 'generated', '.running');

/**
 * Says that this process runs, until it ends.
 *
 * @param facts `name`, as it stands in a sentence: "Belfry is running at …", and whatever others want to know.
 */
export function announce(facts, folder = HERE) {
  const file = join(folder, `${hostname()}-${process.pid}.json`);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, JSON.stringify({ host: hostname(), pid: process.pid, ...facts }));
  } catch {
    // Somebody else's folder: nothing that anybody relies on is lost.
    return;
  }
  setInterval(() => touch(file), TOUCH_MS).unref();
  process.once('exit', () => {
    rmSync(file, { force: true });
    removeIfEmpty(folder);
  });
}

/** The facts of all others that run. */
export function others(folder = HERE) {
  return namesIn(folder)
    .map((name) => readFacts(join(folder, name)))
    .filter((facts) => facts && !isSelf(facts));
}

/**
 * Refuses to replace a part of this folder under somebody who uses it.
 *
 * @param part One of the `uses` that were announced.
 */
export function refuseWhileUsed(part, why) {
  const user = others().find(({ uses }) => uses.includes(part));
  if (!user) return;
  throw new Problem(`${user.name}, and ${why} since. Stop it, then run the same command again.`);
}

function readFacts(file) {
  try {
    const facts = JSON.parse(readFileSync(file, 'utf8'));
    const isOver =
      Date.now() - statSync(file).mtimeMs > ABANDONED_MS ||
      (facts.host === hostname() && !isAlive(facts.pid));
    if (!isOver) return facts;
    rmSync(file, { force: true });
  } catch {
    // It has just gone, or is just being written.
  }
  return undefined;
}

function isSelf({ host, pid }) {
  return host === hostname() && pid === process.pid;
}

function touch(file) {
  const now = new Date();
  try {
    utimesSync(file, now, now);
  } catch {
    // Somebody has cleaned up.
  }
}

function namesIn(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function removeIfEmpty(folder) {
  try {
    rmdirSync(folder);
  } catch {
    // Others are still there.
  }
}
