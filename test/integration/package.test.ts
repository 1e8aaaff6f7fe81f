/** The package as `npm pack` makes it, in a copy of the project, and as another app has it once it is installed. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { measureBrowserWeight } from '../../bench/browser-weight.ts';
import { copyProject, type ProjectCopy } from '../support/project-copy.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
// Compiling, packing and installing, on a machine that does other things as well.
const TIME_LIMIT_MS = 120_000;
const run = promisify(execFile);
const OF_THE_APP = /^(react|react-dom|next)(\/|$)/;

let copy: ProjectCopy;
let app: string;
let tarball: string;
let before: Record<string, string>;

const KEPT = ['package.json', 'README.md'];
const readKept = () =>
  Object.fromEntries(KEPT.map((file) => [file, readFileSync(join(copy.folder, file), 'utf8')]));
const inPackage = (file = '') => join(app, 'node_modules/belfry', file);
const manifest = () => JSON.parse(readFileSync(inPackage('package.json'), 'utf8'));

beforeAll(async () => {
  copy = copyProject({ built: false });
  before = readKept();
  await npm(['pack'], copy.folder);
  tarball = join(copy.folder, `belfry-${JSON.parse(before['package.json'] ?? '').version}.tgz`);
  app = mkdtempSync(join(tmpdir(), 'belfry-installed-'));
  writeFileSync(join(app, 'package.json'), '{ "name": "app", "private": true, "type": "module" }\n');
  copyFileSync(tarball, join(app, 'belfry.tgz'));
  // What the app would have already is not installed: it is linked.
  await npm(['install', './belfry.tgz', '--prefer-offline', '--legacy-peer-deps', '--ignore-scripts'], app);
  for (const name of ['next', 'react', 'react-dom', 'drizzle-orm'])
    symlinkSync(join(ROOT, 'node_modules', name), join(app, 'node_modules', name));
}, TIME_LIMIT_MS);

afterAll(() => {
  copy?.remove();
  if (app) rmSync(app, { recursive: true, force: true });
}, TIME_LIMIT_MS);

/** As somebody would type it: what the npm that runs these tests has told them is not for it. */
function npmEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^npm_(config_call|lifecycle|package)|^NODE_OPTIONS$/.test(name),
  );
  return Object.fromEntries(own) as NodeJS.ProcessEnv;
}

function npm(args: string[], cwd: string) {
  return run('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], { cwd, env: npmEnvironment() });
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

describe('the project', () => {
  test('is what it was before it was packed', () => {
    expect(readKept()).toEqual(before);
    expect(existsSync(join(copy.folder, 'dist/kept-while-packing'))).toBe(false);
  });

  test('is put back when npm is killed while it packs', {
    timeout: TIME_LIMIT_MS,
    tags: 'long',
  }, async () => {
    const packing = spawn('npm', ['pack', '--dry-run'], {
      cwd: copy.folder,
      env: npmEnvironment(),
      stdio: 'ignore',
    });
    const ended = once(packing, 'exit');
    while (packing.exitCode === null && JSON.stringify(readKept()) === JSON.stringify(before)) await sleep(5);
    packing.kill('SIGKILL');
    await ended;
    await expect.poll(readKept, { timeout: 10_000 }).toEqual(before);
  });

  test('is put back by the next script when nothing else could, and not while npm packs', async () => {
    const putAway = (packer: number) =>
      inCopy(
        `import('./scripts/pack-in-place.mjs').then((m) => m.putInPlace({ 'package.json': '{}', 'README.md': '' }, ${packer}))`,
      );
    const start = () => inCopy("import('./scripts/install.mjs').then((m) => m.checkMachine())");
    // No process has such a number.
    await putAway(2 ** 30);
    expect(readKept()).toEqual({ 'package.json': '{}', 'README.md': '' });
    await start();
    expect(readKept()).toEqual(before);

    await putAway(process.pid);
    await expect(start()).rejects.toThrow('`npm pack` is under way in this folder');
    await inCopy("import('./scripts/postpack.mjs')");
    expect(readKept()).toEqual(before);
  });
});

test('in a fresh clone `npm pack` installs first what it builds with', async () => {
  const clone = mkdtempSync(join(tmpdir(), 'belfry-clone-'));
  for (const name of ['package.json', 'package-lock.json', 'scripts'])
    cpSync(join(ROOT, name), join(clone, name), { recursive: true });
  // One that only says what it was asked for.
  const npm_execpath = join(clone, 'npm-cli.js');
  writeFileSync(npm_execpath, 'console.log(process.argv.slice(2).join(" ")); process.exit(1);\n');
  const env = { ...npmEnvironment(), npm_execpath, npm_node_execpath: process.execPath };
  const packing = run(process.execPath, ['scripts/prepack.mjs'], { cwd: clone, env });
  await expect(packing).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/ci --ignore-scripts .*[\s\S]*The packages could not be installed/),
  });
  rmSync(clone, { recursive: true, force: true });
});

function inCopy(source: string) {
  return run(process.execPath, ['-e', source], { cwd: copy.folder });
}

describe('the package', () => {
  test('has a manifest of its own, without what only the app needs', () => {
    const {
      dependencies,
      scripts,
      devDependencies,
      optionalDependencies,
      peerDependencies,
      peerDependenciesMeta,
    } = manifest();
    expect(Object.keys(dependencies)).toEqual([
      '@formatjs/intl-localematcher',
      '@schummar/icu-type-parser',
      '@tanstack/react-virtual',
      'icu-minify',
      'jiti',
      'negotiator',
      'rate-limiter-flexible',
      'sql-template-tag',
      'zod',
    ]);
    expect([scripts, devDependencies, optionalDependencies]).toEqual([undefined, undefined, undefined]);
    const needed = Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta[name]?.optional);
    expect(needed).toEqual(['next', 'react', 'react-dom']);
  });

  test('holds the compiled library, its sources, the parts and its documents, and nothing else', () => {
    const files = filesOf(inPackage());
    const others = files.filter(
      (file) =>
        !/^dist\/package\/.+\.(m?js|d\.m?ts|map|jsx|css|json)$|^lib\/belfry\/.+\.(tsx?|mjs)$|^components\/notifications\/[^/]+$/.test(
          file,
        ),
    );
    expect(others).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json', 'prisma/belfry.prisma']);
    expect(files.filter((file) => /\.test\.|(^|\/)(app|test|e2e|scripts)\//.test(file))).toEqual([]);
    for (const file of [
      'dist/package/parts/bell.jsx',
      'dist/package/registry/bell.json',
      'components/notifications/bell.tsx',
    ])
      expect(files).toContain(file);
    expect(readFileSync(inPackage('README.md'), 'utf8')).toContain('npx belfry init');
  });

  test('names no place of the machine that made it, and each source map names a source that is in it', () => {
    const files = filesOf(inPackage());
    const texts = new Map(files.map((file) => [file, readFileSync(inPackage(file), 'utf8')]));
    const places = [ROOT, `${tmpdir()}/`];
    for (const [file, text] of texts) {
      expect(
        places.filter((place) => text.includes(place)),
        file,
      ).toEqual([]);
      if (!file.endsWith('.map')) continue;
      for (const source of JSON.parse(text).sources as string[])
        expect(texts.has(join(dirname(file), source)), `${file}: ${source}`).toBe(true);
    }
  });

  test('keeps "use client" at the head of what a browser runs', () => {
    const clients = filesOf(join(ROOT, 'lib/belfry')).filter(
      (file) =>
        /\.tsx?$/.test(file) &&
        readFileSync(join(ROOT, 'lib/belfry', file), 'utf8').startsWith("'use client'"),
    );
    expect(clients.length).toBeGreaterThan(10);
    for (const file of clients)
      expect(readFileSync(inPackage(`dist/package/${file.replace(/\.tsx?$/, '.js')}`), 'utf8'), file).toMatch(
        /^'use client';/,
      );
  });

  test('is well made, as publint sees it', async () => {
    const { messages } = await publint({ pkgDir: inPackage(), pack: false, strict: true });
    expect(messages).toEqual([]);
  });

  test('has types that are found in every way in which an ES module is imported', {
    timeout: TIME_LIMIT_MS,
  }, async () => {
    const attw = join(ROOT, 'node_modules/@arethetypeswrong/cli/dist/index.js');
    await run(process.execPath, [
      attw,
      tarball,
      '--profile',
      'esm-only',
      '--format',
      'table-flipped',
      '--no-emoji',
    ]).catch(({ stdout }: { stdout: string }) => expect.fail(stdout));
  });

  test('every entry can be imported in plain Node', async () => {
    const entries = Object.keys(manifest().exports)
      .filter((entry) => !entry.endsWith('.json'))
      .map((entry) => `belfry${entry.slice(1)}`);
    expect(entries.length).toBeGreaterThan(7);
    const source = `for (const entry of ${JSON.stringify(entries)}) console.log(entry, Object.keys(await import(entry)).length > 0);`;
    const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', source], {
      cwd: app,
    });
    expect(stderr).toBe('');
    expect(stdout.trim().split('\n')).toEqual(entries.map((entry) => `${entry} true`));
  });

  test('brings the command line', async () => {
    const { stdout } = await run(join(app, 'node_modules/.bin/belfry'), ['--help'], {
      env: { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}` },
    });
    expect(stdout).toContain('npx belfry <command>');
  });
});

describe('in a browser', () => {
  test('`belfry/react` brings nothing of the server', async () => {
    const code = await bundle("export * from 'belfry/react';", 'react.js');
    expect(code).toContain('EventSource');
    expect(code).not.toMatch(
      /better-sqlite3|rate-limiter|drizzle|jiti|\bnode:|from\s*["']pg["']|INSERT INTO|belfry_event/,
    );
  });

  test('`belfry/react` leaves out what is not used', async () => {
    const code = await bundle(
      "import { describeRelative } from 'belfry/react';\nconsole.log(describeRelative);",
      'describe-relative.js',
    );
    expect(code).not.toMatch(/EventSource|useState|createContext/);
  });

  test('no size has grown beyond its limit', async () => {
    copyFileSync(tarball, join(copy.folder, 'dist/size/belfry.tgz'));
    const sizeLimit = join(ROOT, 'node_modules/size-limit/bin.js');
    const { stdout } = await run(process.execPath, [sizeLimit, '--json'], { cwd: copy.folder }).catch(
      ({ stdout: output }: { stdout: string }) => expect.fail(output),
    );
    expect(JSON.parse(stdout)).toHaveLength(3);
  });

  test('bell, toasts and stream add 24 KB to a page at most, and the inbox has 60 with them', async () => {
    const { page, inbox } = await measureBrowserWeight();
    expect(page).toBeLessThanOrEqual(24);
    expect(inbox).toBeLessThanOrEqual(60);
  });
});

/** As the bundler of an app makes it for a browser, with what every page of Next's has outside of it. */
async function bundle(source: string, name: string): Promise<string> {
  const entry = join(app, name);
  writeFileSync(entry, source);
  const build = await rolldown({
    input: entry,
    platform: 'browser',
    external: OF_THE_APP,
    // For each file that begins with 'use client'.
    checks: { moduleLevelDirective: false },
    logLevel: 'silent',
  });
  const { output } = await build.generate({ minify: true });
  const code = output.map((chunk) => ('code' in chunk ? chunk.code : '')).join('\n');
  mkdirSync(join(copy.folder, 'dist/size'), { recursive: true });
  writeFileSync(join(copy.folder, 'dist/size', name), code);
  return code;
}
