// What `npm pack` packs: `lib/belfry` compiled, the parts without types for apps in JavaScript, the registry; and the
// manifest that goes with them.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from 'rolldown/utils';
import { BELFRY_NODE, ROOT, runTool, TOOLS } from './command.mjs';
import { filesBelow } from './fingerprint.mjs';
import { buildRegistry } from './registry.mjs';
import { Problem } from './terminal.mjs';

const BUILT = 'dist/package';
const SOURCES = 'lib/belfry';
const PARTS = 'components/notifications';

/** The oldest versions that the package is known to work with. */
const PEERS = { next: '>=16', react: '>=19', 'react-dom': '>=19' };
const OPTIONAL_PEERS = {
  '@prisma/client': '>=6.2',
  'better-sqlite3': '>=12',
  'drizzle-orm': '>=0.44',
  pg: '>=8',
  redis: '>=5',
};

/** Builds everything into dist/package, in place of what is there. */
export async function buildPackage() {
  rmSync(join(ROOT, BUILT), { recursive: true, force: true });
  await compile(['-p', 'tsconfig.package.json']);
  for (const file of filesBelow(BUILT).filter((name) => /\.d\.m?ts$/.test(name))) {
    // The compiler changes the endings of imports in what runs, and not in what declares it.
    rewrite(file, (text) => text.replace(/((?:from|import\()\s*['"]\.[^'"]*)\.(m?)tsx?(['"])/g, '$1.$2js$3'));
  }
  await buildParts();
  buildRegistry(join(ROOT, BUILT, 'registry'));
}

/** The package's own manifest, made from the project's. The package must have been built. */
export function packageManifest() {
  const { name, version, description, license, exports, ...project } = readJson('package.json');
  return {
    name,
    version,
    description,
    license,
    type: 'module',
    sideEffects: ['**/*.css'],
    engines: { node: '>=22' },
    bin: { belfry: `${BUILT}/cli/belfry.mjs` },
    files: [BUILT, SOURCES, `!${SOURCES}/README.md`, PARTS, 'prisma/belfry.prisma', 'CHANGELOG.md'],
    exports: Object.fromEntries(Object.entries(exports).map(([entry, file]) => [entry, asBuilt(file)])),
    dependencies: dependencies(project),
    peerDependencies: { ...PEERS, ...OPTIONAL_PEERS },
    peerDependenciesMeta: Object.fromEntries(
      Object.keys(OPTIONAL_PEERS).map((peer) => [peer, { optional: true }]),
    ),
  };
}

function asBuilt(file) {
  if (file.endsWith('.json')) return file;
  const built = file.replace(`./${SOURCES}/`, `./${BUILT}/`).replace(/\.ts$/, '');
  return { types: `${built}.d.ts`, default: `${built}.js` };
}

/** What the package imports, in the versions from the project's own on. */
function dependencies({ dependencies: installed }) {
  const imported = new Set(filesBelow(BUILT).flatMap(packagesImportedBy));
  const own = [...imported].filter((name) => !(name in PEERS) && !(name in OPTIONAL_PEERS)).sort();
  const unknown = own.filter((name) => !installed[name]);
  if (unknown.length > 0)
    throw new Problem(
      `${SOURCES} imports ${unknown.join(', ')}: add it to the dependencies in package.json.`,
    );
  return Object.fromEntries(own.map((name) => [name, `^${installed[name]}`]));
}

/** By what the compiler made of it: in a source the code of others, which the command line writes, would look the same. */
function packagesImportedBy(file) {
  // What it declares as well: an app's compiler follows the types.
  if (!/\.(m?js|d\.ts)$/.test(file)) return [];
  const { staticImports, staticExports } = parseSync(file, read(file)).module;
  return [...staticImports, ...staticExports.flatMap(({ entries }) => entries)]
    .flatMap(({ moduleRequest }) => moduleRequest?.value ?? [])
    .filter((name) => !/^\.|^node:/.test(name))
    .map((name) => name.split('/', name.startsWith('@') ? 2 : 1).join('/'));
}

/** The parts for apps in JavaScript: the same files, without types. */
async function buildParts() {
  const from = join(ROOT, BUILT, '.parts');
  const to = join(ROOT, BUILT, 'parts');
  mkdirSync(from, { recursive: true });
  mkdirSync(to, { recursive: true });
  for (const { name, text } of parts()) {
    // The compiler drops empty lines; those between declarations come back.
    if (name.endsWith('.tsx'))
      writeFileSync(join(from, name), text.replace(/\n\n(?=\S)/g, `\n\n${EMPTY_LINE}\n`));
    else cpSync(join(ROOT, PARTS, name), join(to, name));
  }
  writeFileSync(join(from, 'tsconfig.json'), JSON.stringify(WITHOUT_TYPES));
  await compile(['-p', from]);
  rmSync(from, { recursive: true });
  for (const name of readdirSync(to).filter((file) => file.endsWith('.jsx')))
    rewrite(`${BUILT}/parts/${name}`, (text) => formatted(text.replaceAll(EMPTY_LINE, ''), name));
}

const EMPTY_LINE = '// (an empty line)';
const WITHOUT_TYPES = {
  compilerOptions: {
    target: 'esnext',
    module: 'preserve',
    jsx: 'preserve',
    verbatimModuleSyntax: true,
    noCheck: true,
    noResolve: true,
    types: [],
    outDir: '../parts',
    rootDir: '.',
  },
};

function parts() {
  return readdirSync(join(ROOT, PARTS)).map((name) => ({ name, text: read(`${PARTS}/${name}`) }));
}

function formatted(text, name) {
  const { stdout, stderr, status } = spawnSync(
    BELFRY_NODE,
    [TOOLS.biome, 'format', `--stdin-file-path=${PARTS}/${name}`],
    { cwd: ROOT, input: text, encoding: 'utf8' },
  );
  if (status !== 0) throw new Problem(`${name} could not be formatted.`, { output: stderr });
  return stdout;
}

async function compile(args) {
  const { code, output } = await runTool('tsc', args);
  if (code !== 0)
    throw new Problem('The package could not be compiled; the compiler says why above.', { output });
}

function rewrite(file, change) {
  writeFileSync(join(ROOT, file), change(read(file)));
}

function readJson(file) {
  return JSON.parse(read(file));
}

function read(file) {
  return readFileSync(join(ROOT, file), 'utf8');
}
