/** The parts as other apps get them: shadcn's own command, on the built registry, in a small app of each kind. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildRegistry } from '../../scripts/registry.mjs';

const SHADCN = 'shadcn@4.23.0';
// The first time npm fetches it.
const TIME_LIMIT_MS = 300_000;
const SOURCE = fileURLToPath(new URL('../../components/notifications', import.meta.url));
const NAMES = ['notifications', 'bell', 'panel', 'item', 'toasts', 'inbox', 'settings'];

interface RegistryFile {
  path: string;
  type: string;
  target: string;
  content?: string;
}

interface RegistryItem {
  name: string;
  type: string;
  dependencies: string[];
  files: RegistryFile[];
}

let folder: string;
let colors: Server;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belfry-registry-'));
  buildRegistry(join(folder, 'registry'));
  // What shadcn asks its own registry for before it writes: the app has its colours.
  colors = createServer((_request, response) => {
    response.setHeader('Content-Type', 'application/json');
    response.end(
      JSON.stringify({
        inlineColors: { light: {}, dark: {} },
        cssVars: {},
        inlineColorsTemplate: '',
        cssVarsTemplate: '',
      }),
    );
  });
  await new Promise<void>((resolve) => colors.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  colors.close();
  await rm(folder, { recursive: true, force: true });
});

const readItem = async (name: string): Promise<RegistryItem> =>
  JSON.parse(await readFile(join(folder, 'registry', `${name}.json`), 'utf8'));

test('the registry names every part, and each part is a file of its own', async () => {
  const registry = JSON.parse(await readFile(join(folder, 'registry/registry.json'), 'utf8'));
  expect(registry.items.map(({ name }: RegistryItem) => name)).toEqual(NAMES);
  expect((await readdir(join(folder, 'registry'))).toSorted()).toEqual(
    [...NAMES, 'registry'].map((name) => `${name}.json`).toSorted(),
  );
});

test.each(NAMES)('%s brings each file that its files import, and needs nothing but belfry', async (name) => {
  const { type, dependencies, files } = await readItem(name);
  expect([type, dependencies]).toEqual(['registry:component', ['belfry']]);
  const targets = new Set(files.map(({ target }) => target));
  for (const { path, target, content = '' } of files) {
    expect(target).toBe(path);
    expect(content).toBe(await readFile(join(SOURCE, path.split('/').at(-1) as string), 'utf8'));
    for (const [, imported = ''] of content.matchAll(/'\.\/([^']+)'/g)) {
      const file = imported.endsWith('.css') ? imported : `${imported}.tsx`;
      expect(targets, `${path} imports ${imported}`).toContain(`components/notifications/${file}`);
    }
  }
});

describe('`shadcn add`', () => {
  test('writes the very files into an app in TypeScript', { timeout: TIME_LIMIT_MS }, async () => {
    const app = await makeApp({ tsx: true });
    await addTo(app, 'bell');
    const { files } = await readItem('bell');
    expect((await readdir(join(app, 'components/notifications'))).toSorted()).toEqual(
      files.map(({ target }) => target.split('/').at(-1)).toSorted(),
    );
    for (const { target, content } of files) expect(await readFile(join(app, target), 'utf8')).toBe(content);
  });

  test('takes the types away for an app in JavaScript', {
    tags: 'long',
    timeout: TIME_LIMIT_MS,
  }, async () => {
    const app = await makeApp({ tsx: false });
    await addTo(app, 'notifications');
    const written = await readdir(join(app, 'components/notifications'));
    const { files } = await readItem('notifications');
    expect(written.toSorted()).toEqual(
      files
        .map(({ target }) =>
          target
            .split('/')
            .at(-1)
            ?.replace(/\.tsx$/, '.jsx'),
        )
        .toSorted(),
    );
    const bell = await readFile(join(app, 'components/notifications/bell.jsx'), 'utf8');
    expect(bell).toMatch(/^'use client'/);
    expect(bell).toContain("import('./panel')");
    expect(bell).not.toContain('inboxPath?: string');
  });

  test('finds the folder src', { tags: 'long', timeout: TIME_LIMIT_MS }, async () => {
    const app = await makeApp({ tsx: true, source: 'src/' });
    await addTo(app, 'toasts');
    expect(await readdir(join(app, 'src/components/notifications'))).toContain('toasts.tsx');
  });
});

/** A Next app, as far as shadcn looks at one, that has the package already. */
async function makeApp({ tsx, source = '' }: { tsx: boolean; source?: string }): Promise<string> {
  const app = await mkdtemp(join(folder, 'app-'));
  const css = `${source}app/globals.css`;
  const files = {
    'package.json': { name: 'app', private: true, dependencies: { belfry: '*' } },
    [tsx ? 'tsconfig.json' : 'jsconfig.json']: { compilerOptions: { paths: { '@/*': [`./${source}*`] } } },
    'components.json': {
      $schema: 'https://ui.shadcn.com/schema.json',
      style: 'new-york',
      rsc: true,
      tsx,
      tailwind: { config: '', css, baseColor: 'neutral', cssVariables: true, prefix: '' },
      aliases: { components: '@/components', utils: '@/lib/utils', ui: '@/components/ui' },
    },
  };
  await mkdir(join(app, `${source}app`), { recursive: true });
  await writeFile(join(app, css), 'body {}\n');
  for (const [name, content] of Object.entries(files))
    await writeFile(join(app, name), JSON.stringify(content));
  return app;
}

async function addTo(app: string, name: string): Promise<void> {
  const { port } = colors.address() as AddressInfo;
  const item = join(folder, 'registry', `${name}.json`);
  await promisify(execFile)('npx', ['--yes', SHADCN, 'add', item, '--yes'], {
    cwd: app,
    env: {
      ...process.env,
      // They are for what runs this test: `npm exec -c` would be asked for twice.
      NODE_OPTIONS: '',
      npm_config_call: undefined,
      REGISTRY_URL: `http://127.0.0.1:${port}`,
      DO_NOT_TRACK: '1',
      SHADCN_TELEMETRY_DISABLED: '1',
      NEXT_TELEMETRY_DISABLED: '1',
    },
  });
}
