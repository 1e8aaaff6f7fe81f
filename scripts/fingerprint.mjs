// Tells by content whether something has to be made again.

import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from './command.mjs';

/** One hash for the named files (relative to the repository; a missing one counts as empty) and facts. */
export function fingerprint(files, facts = []) {
  const hash = createHash('sha256');
  for (const file of [...files].sort()) {
    const content = readOrNothing(file);
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  for (const fact of facts) hash.update(`${fact}\0`);
  return hash.digest('hex');
}

/** Every file below a folder, as paths relative to the repository. A missing folder has none. */
export function filesBelow(folder) {
  let entries;
  try {
    entries = readdirSync(join(ROOT, folder), { withFileTypes: true });
  } catch {
    return [];
  }
  return entries.flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

/** A stamp says what a finished step was made from. It is written after success only. */
export function stampMatches(stamp, value) {
  return readOrNothing(stamp).toString() === value;
}

export function writeStamp(stamp, value) {
  mkdirSync(dirname(join(ROOT, stamp)), { recursive: true });
  writeFileSync(join(ROOT, stamp), value);
}

export function removeStamp(stamp) {
  rmSync(join(ROOT, stamp), { force: true });
}

function readOrNothing(file) {
  try {
    return readFileSync(join(ROOT, file));
  } catch {
    return Buffer.alloc(0);
  }
}
