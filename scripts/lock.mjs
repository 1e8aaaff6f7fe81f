// Lets one command at a time install, generate and build in this folder.

import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from './command.mjs';
import { say } from './terminal.mjs';

const LOCK = join(ROOT, 'generated', '.preparing');
const OWNER = join(LOCK, 'owner');
const RETRY_MS = 250;
export const TOUCH_MS = 2000;
// Fifteen missed touches. Process numbers mean nothing across containers that share a folder.
export const ABANDONED_MS = 30_000;

const self = `${hostname()} ${process.pid}`;

/** Runs `work` while no other command prepares this folder; waits for its turn and says so. */
export async function whileAlone(work) {
  await takeTurn();
  const touching = setInterval(touch, TOUCH_MS);
  touching.unref();
  process.once('exit', release);
  try {
    return await work();
  } finally {
    clearInterval(touching);
    process.off('exit', release);
    release();
  }
}

async function takeTurn() {
  mkdirSync(dirname(LOCK), { recursive: true });
  let told = false;
  while (!tryToLock()) {
    const holder = owner();
    if (isAbandoned(holder)) {
      removeAbandoned(holder);
      continue;
    }
    if (!told) say('Another command is preparing this folder; waiting for it to finish …');
    told = true;
    await sleep(RETRY_MS);
  }
}

function tryToLock() {
  try {
    mkdirSync(LOCK);
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
  writeFileSync(OWNER, self);
  return true;
}

function isAbandoned(holder) {
  const age = lastTouched();
  if (age === undefined) return false;
  if (age > ABANDONED_MS) return true;
  const [host, pid] = holder.split(' ');
  if (host !== hostname() || !pid) return false;
  // A container that was restarted gives its processes the same numbers again.
  return holder === self || !isAlive(Number(pid));
}

/** Renaming decides between two who found it abandoned: only one of them can move it away. */
function removeAbandoned(holder) {
  const aside = `${LOCK}.${process.pid}`;
  try {
    renameSync(LOCK, aside);
    // The other one was faster, and this is its new lock.
    if (owner(aside) !== holder) renameSync(aside, LOCK);
    else rmSync(aside, { recursive: true, force: true });
  } catch {
    // The other one was faster, and has not made a new one yet.
  }
}

function release() {
  if (owner() === self) rmSync(LOCK, { recursive: true, force: true });
}

function touch() {
  const now = new Date();
  try {
    utimesSync(OWNER, now, now);
  } catch {
    // Gone: somebody took it for abandoned, after this machine slept for instance.
  }
}

function lastTouched() {
  for (const path of [OWNER, LOCK]) {
    try {
      return Date.now() - statSync(path).mtimeMs;
    } catch {
      // Not written yet, or just released.
    }
  }
  return undefined;
}

function owner(lock = LOCK) {
  try {
    return readFileSync(join(lock, 'owner'), 'utf8');
  } catch {
    return '';
  }
}

export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
