/**
 * The app as it is built for `npm start` and for containers: two builds of the same sources.
 *
 * @module-tag long
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BUILDS = ['.next', '.next-standalone'] as const;
const read = (build: string, file: string) => readFileSync(join(ROOT, build, file), 'utf8');

interface Actions {
  node: Record<string, { filename: string; exportedName: string }>;
}

test('two builds of the same sources have one version and the same actions, so any instance takes the form of any other', () => {
  const [version, other] = BUILDS.map((build) => read(build, 'BUILD_ID'));
  expect(version).toMatch(/^\d+$/);
  expect(other).toBe(version);
  const [actions, otherActions] = BUILDS.map(
    (build) => JSON.parse(read(build, 'server/server-reference-manifest.json')) as Actions,
  );
  expect(Object.keys(actions?.node ?? {}).length).toBeGreaterThan(0);
  expect(otherActions).toEqual(actions);
});

test('every file that a page of one build asks for is in the other one, and is the same', () => {
  const files = readdirSync(join(ROOT, '.next-standalone/static'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(ROOT, '.next-standalone/').length));
  expect(files.length).toBeGreaterThan(10);
  // The first may hold files of earlier builds beside them.
  const missing = files.filter((file) => !existsSync(join(ROOT, '.next', file)));
  expect(missing).toEqual([]);
  const different = files.filter((file) => read('.next', file) !== read('.next-standalone', file));
  expect(different).toEqual([]);
});
