import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BIOME = join(ROOT, 'node_modules/@biomejs/biome/bin/biome');

// Each file breaks one rule, or keeps them all, in a copy of the floor plan that has this project's biome.json.
const UPWARD = {
  'lib/imports-app.ts': "import '../app/page.tsx';",
  'lib/imports-components.ts': "import '../components/bell.tsx';",
  'lib/imports-by-alias.ts': "import '@/lib/belfry/protocol/errors.ts';",
  'lib/belfry/notifications/imports-app.ts': "export type { Page } from '../../../app/page.tsx';",
  'lib/belfry/notifications/imports-app-later.ts':
    "export const page = () => import('../../../app/page.tsx');",
  'lib/belfry/engine/imports-app.ts': "import '../../../app/page.tsx';",
  'lib/belfry/engine/imports-components.ts': "import '../../../components/bell.tsx';",
  'lib/belfry/engine/imports-next.ts': "import 'next/headers';",
  'lib/belfry/engine/imports-next-auth.ts': "import 'next-auth';",
  'lib/belfry/engine/imports-react.ts': "import 'react';",
  'lib/belfry/engine/imports-prisma.ts': "import '@prisma/client';",
  'lib/belfry/engine/imports-database.ts':
    "import type { Db } from '../../database/db.ts';\nexport type P = Db;",
  'lib/belfry/imports-config.ts': "import '../config/env.ts';",
  'lib/belfry/client/imports-react.ts': "import 'react';",
  'lib/belfry/client/imports-engine.ts': "import '../engine/event-manager.ts';",
  'lib/belfry/client/imports-node.ts': "import 'node:crypto';",
  'lib/belfry/react/imports-engine.ts': "import '../engine/event-manager.ts';",
  'lib/belfry/react/imports-app.tsx': "import '../../../app/page.tsx';",
  'lib/belfry/react/imports-headers.ts': "import 'next/headers';",
  'lib/belfry/react/imports-node.ts': "import 'node:crypto';",
  'components/imports-client.tsx': "import '@/lib/belfry/client/inbox-client.ts';",
  'components/notifications/imports-next.tsx': "import 'next/link';",
  'components/notifications/imports-by-alias.tsx': "import '@/components/ui/button.tsx';",
  'components/notifications/imports-neighbour.tsx': "import '../ui/button.tsx';",
  'components/notifications/imports-lib.tsx': "import '@/lib/belfry/protocol/priority.ts';",
  'lib/belfry/engine/imports-auth.ts': "import '../../auth/session.ts';",
  'components/imports-app.tsx': "import '@/app/actions.ts';",
  'components/imports-app-relatively.tsx': "import '../app/actions.ts';",
  'components/imports-store.tsx': "import '@/lib/belfry/storage/event-log.ts';",
  'components/imports-notifications.tsx': "import '@/lib/belfry/notifications/system-notification.ts';",
  'components/imports-env.tsx': "import '@/lib/config/env.ts';",
  'components/ui/imports-env-relatively.tsx': "import '../../lib/config/env.ts';",
};
const ALLOWED = {
  'app/page.tsx':
    "import '@/components/bell.tsx';\nimport '@/lib/belfry/storage/event-log.ts';\nimport '@/lib/auth/session.ts';",
  'components/bell.tsx':
    "import 'react';\nimport '@/lib/belfry/protocol/site-path.ts';\nimport '@/lib/belfry/protocol/event.ts';\nimport 'belfry/react';\nimport '@/components/ui/button.tsx';",
  'components/notifications/panel.tsx':
    "import 'belfry/react';\nimport 'react';\nimport './item';\nimport './notifications.css';",
  'lib/belfry/react/index.ts':
    "import 'react';\nimport 'react-dom';\nimport 'next/link.js';\nimport 'next/navigation.js';\nimport '@tanstack/react-virtual';\nimport 'swr/infinite';\nimport '../client/inbox-client.ts';\nimport '../protocol/item.ts';\nimport './dialog.tsx';",
  'lib/belfry/notifications/provider.ts':
    "import '../storage/event-log.ts';\nimport '../protocol/errors.ts';\nimport 'zod';",
  'lib/belfry/storage/event-log.ts':
    "import '../protocol/errors.ts';\nimport './event-row.ts';\nimport 'zod';",
  'lib/config/env.ts': 'export const port = process.env.PORT;',
};
const READS_ENVIRONMENT = {
  'lib/reads-env.ts': 'export const port = process.env.PORT;',
  'app/reads-env.tsx': 'export const port = process.env.PORT;',
  'components/reads-env.tsx': "import { env } from 'node:process';\n\nexport const port = env.PORT;",
};
const CYCLE = {
  'lib/egg.ts': "import { hen } from './hen.ts';\n\nexport const egg = () => hen;",
  'lib/hen.ts': "import { egg } from './egg.ts';\n\nexport const hen = () => egg;",
  'app/day.ts': "import { night } from '@/app/night.ts';\n\nexport const day = () => night;",
  'app/night.ts': "import { day } from '@/app/day.ts';\n\nexport const night = () => day;",
};

const WORDS = {
  'app/text.tsx': 'export const part = <p>Some words</p>;',
  'components/label.tsx': 'export const part = <button type="button" aria-label="Close" />;',
  'components/notifications/title.tsx': "export const part = <time title={'Some words'} />;",
  'lib/belfry/react/placeholder.tsx': 'export const part = <input placeholder="Some words" />;',
  'components/field-label.tsx': 'export const part = <TextField label="Title" />;',
};

let folder: string;
let complaints: Map<string, string[]>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belfry-imports-'));
  await mkdir(join(folder, 'scripts'));
  for (const file of ['biome.json', 'tsconfig.json', 'package.json', 'scripts/words.grit'])
    await copyFile(join(ROOT, file), join(folder, file));
  const sources = { ...UPWARD, ...ALLOWED, ...READS_ENVIRONMENT, ...CYCLE, ...WORDS };
  for (const [file, source] of Object.entries(sources)) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), `${source}\n`);
  }
  complaints = await lint();
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the linter lets nobody look upward', () => {
  test.each(Object.keys(UPWARD))('%s', (file) => {
    expect(complaints.get(file)).toContain('lint/style/noRestrictedImports');
  });
});

describe('the linter lets through what the floor plan allows', () => {
  test.each(Object.keys(ALLOWED))('%s', (file) => {
    expect(complaints.get(file) ?? []).toEqual([]);
  });
});

describe('the linter finds the environment read outside of lib/config/env.ts', () => {
  test.each(Object.keys(READS_ENVIRONMENT))('%s', (file) => {
    expect(complaints.get(file)).toContain('lint/style/noProcessEnv');
  });
});

describe('the linter finds a circle of imports', () => {
  test.each(Object.keys(CYCLE))('%s', (file) => {
    expect(complaints.get(file)).toContain('lint/suspicious/noImportCycles');
  });
});

describe('the linter finds text that is in no catalogue', () => {
  test.each(Object.keys(WORDS))('%s', (file) => {
    expect(
      complaints.get(file)?.filter((rule) => /^(plugin|lint\/style\/noJsxLiterals)$/.test(rule)),
    ).toHaveLength(1);
  });
});

/** Which rules complained about which file. */
async function lint() {
  const found = new Map<string, string[]>();
  for (const line of (await runBiome()).split('\n')) {
    const [, rule, file] = /title=([^,]+),file=([^,]+)/.exec(line) ?? [];
    if (!rule || !file) continue;
    const name = file.slice(file.indexOf(folder) + folder.length + 1);
    found.set(name, [...(found.get(name) ?? []), rule]);
  }
  return found;
}

function runBiome() {
  const args = [BIOME, 'lint', '--max-diagnostics=none', '--reporter=github', '.'];
  return new Promise<string>((resolve) => {
    // It exits with an error whenever it complains, which is what is wanted here.
    execFile(process.execPath, args, { cwd: folder }, (_error, stdout) => resolve(stdout));
  });
}
