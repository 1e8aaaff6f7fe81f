// The licences of everything that package-lock.json names, and which of them we take.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './command.mjs';

/** Ask for no more than to keep their text. */
const PERMISSIVE = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC-BY-4.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'OFL-1.1',
  'Unlicense',
]);

/** Others that were looked at. A package that is not here, or has another licence by now, is refused. */
const LOOKED_AT = [
  { name: /^lightningcss(-|$)/, licence: 'MPL-2.0', reason: 'a build tool, not changed' },
  { name: /^(axe-core|@axe-core\/playwright)$/, licence: 'MPL-2.0', reason: 'tests only' },
  {
    name: /^@img\/sharp-/,
    licence: 'LGPL-3.0-or-later',
    reason: "the shared library of Next's image optimiser, which this app does not use; not changed",
  },
  {
    name: /^elkjs$/,
    licence: 'EPL-2.0',
    reason: "comes with Prisma's command line, which is never served; not changed",
  },
  {
    name: /^parse-cache-control$/,
    licence: 'none',
    reason: 'its own file is the BSD licence of three clauses; comes with Lighthouse, for measuring alone',
  },
];

/** What the lock file says of each package, each name and version once, in the order of their names. */
export function readLicences(lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'))) {
  const packages = Object.entries(lock.packages)
    .filter(([path]) => path !== '')
    .map(([path, { version, license = 'none' }]) => ({
      name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
      version,
      licence: license,
    }));
  const once = new Map(packages.map((one) => [`${one.name}@${one.version}`, one]));
  return [...once.values()].sort((a, b) => a.name.localeCompare(b.name, 'en'));
}

/** Whether a package may be used. Of licences joined by OR one has to do, of those joined by AND all. */
export function isLicenceTaken({ name, licence }) {
  const isTaken = (one) =>
    PERMISSIVE.has(one) || LOOKED_AT.some((known) => known.licence === one && known.name.test(name));
  const bare = licence.replaceAll(/[()]/g, '');
  return bare.split(/ or /i).some((choice) => choice.split(/ and /i).every((one) => isTaken(one.trim())));
}
