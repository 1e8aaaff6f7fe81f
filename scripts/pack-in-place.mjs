// For as long as npm packs, the package's own manifest and README stand in the place of the project's: npm takes both from
// the root, wherever the rest lies.
//
// The project's are kept beside dist/package first, complete, and each file is put in its place in one step; so at any moment
// either the project's stand there or they are kept. They come back when npm is done (`postpack`), when it has gone
// without that (scripts/put-back.mjs waits for its end), and, after a power cut, as soon as one of our scripts starts.

import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './command.mjs';
import { Problem } from './terminal.mjs';

const KEPT = join(ROOT, 'dist/kept-while-packing');
const FILES = ['package.json', 'README.md'];
const PACKER = join(KEPT, 'packer');

/** Puts these texts into the place of the project's, on behalf of a process that packs. */
export function putInPlace(texts, packer) {
  mkdirSync(KEPT, { recursive: true });
  if (packer) writeFileSync(PACKER, String(packer));
  for (const name of FILES) replace(join(KEPT, name), readFileSync(join(ROOT, name)));
  for (const name of FILES) replace(join(ROOT, name), texts[name]);
}

/** Puts the project's own back, if need be only on behalf of the process that had them put away. Does nothing where they are. */
export function putBack({ packer } = {}) {
  if (packer && Number(readIfThere(PACKER)) !== packer) return;
  // The last to go in is the first to come out: while one is kept, this has not been finished.
  for (const name of [...FILES].reverse()) {
    const kept = readIfThere(join(KEPT, name));
    // The project's says `private`; where it stands already, somebody has taken it out of git, and may have changed it.
    if (name !== 'package.json' && kept) replace(join(ROOT, name), kept);
    if (name === 'package.json' && kept && !isProjects()) replace(join(ROOT, name), kept);
  }
  rmSync(KEPT, { recursive: true, force: true });
}

/**
 * For a script that starts: puts back what a pack that was cut off has left.
 *
 * @throws Problem while one is under way.
 */
export function putBackLeftovers() {
  const packer = Number(readIfThere(PACKER) ?? 0);
  if (packer && isRunning(packer))
    throw new Problem('`npm pack` is under way in this folder: try again when it is done.');
  putBack();
}

/** Whether a process is there. */
export function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function isProjects() {
  return JSON.parse(readIfThere(join(ROOT, 'package.json')) ?? '{}').private === true;
}

/** So that nobody ever reads half of it. */
function replace(file, text) {
  const half = `${file}.half`;
  writeFileSync(half, text);
  renameSync(half, file);
}

function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
