// A page that is open asks for files of the build that it came from, also after the next one has taken over.

import {
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from './command.mjs';
import { filesBelow } from './fingerprint.mjs';

const STATIC = '.next/static';
// Next empties its folder before it builds, but not this one.
const KEPT = '.next/cache/static-of-builds';
// A page that was not reloaded for longer than two upgrades is told to.
const LAST_BUILDS = 2;

/** Keeps what the build that is there made, by its name. Takes no space: they are the same files once more. */
export function keepStaticFiles() {
  const id = readIfThere('.next/BUILD_ID');
  if (!id || existsSync(join(ROOT, KEPT, id))) return;
  // It gets its name when it is complete.
  const draft = `${KEPT}/draft`;
  rmSync(join(ROOT, draft), { recursive: true, force: true });
  mkdirSync(join(ROOT, draft), { recursive: true });
  for (const file of filesBelow(STATIC)) link(file, join(draft, file.slice(STATIC.length)));
  renameSync(join(ROOT, draft), join(ROOT, KEPT, id));
}

/** Has the newest build serve the files of the last ones too, and forgets those before them. */
export function addStaticFilesOfLastBuilds() {
  const current = readIfThere('.next/BUILD_ID');
  const now = new Date();
  // It may have been here before, and others after it.
  utimesSync(join(ROOT, KEPT, current), now, now);
  const age = (id) => statSync(join(ROOT, KEPT, id)).mtimeMs;
  const last = readdirSync(join(ROOT, KEPT))
    .filter((id) => id !== current)
    .sort((a, b) => age(b) - age(a));
  for (const id of last.slice(LAST_BUILDS)) rmSync(join(ROOT, KEPT, id), { recursive: true });
  for (const id of last.slice(0, LAST_BUILDS)) {
    const folder = `${KEPT}/${id}`;
    for (const file of filesBelow(folder)) link(file, join(STATIC, file.slice(folder.length)));
  }
}

/** The same content has the same name, so what is there already need not be replaced. */
function link(from, to) {
  const [source, target] = [join(ROOT, from), join(ROOT, to)];
  if (existsSync(target)) return;
  mkdirSync(dirname(target), { recursive: true });
  try {
    linkSync(source, target);
  } catch {
    // A file system without links.
    cpSync(source, target);
  }
}

function readIfThere(file) {
  return existsSync(join(ROOT, file)) ? readFileSync(join(ROOT, file), 'utf8').trim() : undefined;
}
