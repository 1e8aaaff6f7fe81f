import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

interface Module {
  keepStaticFiles: () => void;
  addStaticFilesOfLastBuilds: () => void;
}

const SCRIPTS = fileURLToPath(new URL('../../scripts', import.meta.url));
let folder: string;
let { keepStaticFiles, addStaticFilesOfLastBuilds }: Partial<Module> = {};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'belfry-builds-'));
  // They work on the folder that they stand in.
  cpSync(SCRIPTS, join(folder, 'scripts'), { recursive: true });
  ({ keepStaticFiles, addStaticFilesOfLastBuilds } = (await import(
    join(folder, 'scripts/last-builds.mjs')
  )) as Module);
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What Next does: everything goes but its cache, and a new build comes. */
function next(id: string, ...files: string[]): void {
  const built = join(folder, '.next');
  mkdirSync(built, { recursive: true });
  for (const name of readdirSync(built)) if (name !== 'cache') rmSync(join(built, name), { recursive: true });
  mkdirSync(join(built, 'static/chunks'), { recursive: true });
  for (const file of files) writeFileSync(join(built, 'static/chunks', file), file);
  writeFileSync(join(built, 'BUILD_ID'), id);
}

function build(id: string, ...files: string[]): void {
  keepStaticFiles?.();
  next(id, ...files);
  keepStaticFiles?.();
  addStaticFilesOfLastBuilds?.();
}

const served = () => readdirSync(join(folder, '.next/static/chunks')).sort();

test('a build serves the files of the two before it as well, and none of older ones', () => {
  build('1', 'shared.js', 'one.js');
  expect(served()).toEqual(['one.js', 'shared.js']);
  build('2', 'shared.js', 'two.js');
  expect(served()).toEqual(['one.js', 'shared.js', 'two.js']);
  build('3', 'shared.js', 'three.css');
  expect(served()).toEqual(['one.js', 'shared.js', 'three.css', 'two.js']);
  build('4', 'four.js');
  expect(served()).toEqual(['four.js', 'shared.js', 'three.css', 'two.js']);
  expect(readdirSync(join(folder, '.next/cache/static-of-builds')).sort()).toEqual(['2', '3', '4']);
});

test('a build that another command made is kept as well', () => {
  next('1', 'one.js');
  build('2', 'two.js');
  expect(served()).toEqual(['one.js', 'two.js']);
});

test('the same build once more, as after a change that was taken back, is the newest again', () => {
  build('1', 'one.js');
  build('2', 'two.js');
  build('1', 'one.js');
  build('3', 'three.js');
  expect(served()).toEqual(['one.js', 'three.js', 'two.js']);
  build('4', 'four.js');
  expect(served()).toEqual(['four.js', 'one.js', 'three.js']);
});

test('without any build before there is nothing to keep', () => {
  build('1', 'one.js');
  expect(existsSync(join(folder, '.next/cache/static-of-builds/1'))).toBe(true);
});
