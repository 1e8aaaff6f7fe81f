// Builds the registry of the parts in components/notifications, in shadcn's format: one file for each part, with all
// the files that it needs. `node scripts/registry.mjs [folder]`; the folder is dist/registry unless it says otherwise.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from './command.mjs';

const SOURCE = 'components/notifications';
const SCHEMA = 'https://ui.shadcn.com/schema';

const PARTS = [
  {
    name: 'notifications',
    title: 'Notifications',
    description: 'All parts: the provider with toasts, the bell with its panel, the inbox, and the settings.',
    files: ['notifications.tsx', 'bell.tsx', 'inbox.tsx', 'settings.tsx'],
  },
  {
    name: 'bell',
    title: 'Notification bell',
    description: 'A bell with a true count, and the panel that it opens.',
    files: ['bell.tsx'],
  },
  {
    name: 'panel',
    title: 'Notification panel',
    description: 'The list below the bell; on a small screen a sheet in front of the page.',
    files: ['panel.tsx'],
  },
  {
    name: 'item',
    title: 'Notification item',
    description: 'One notification, as lists show it.',
    files: ['item.tsx'],
  },
  {
    name: 'toasts',
    title: 'Notification toasts',
    description: 'What has just arrived, in a corner of the screen.',
    files: ['toasts.tsx'],
  },
  {
    name: 'inbox',
    title: 'Inbox',
    description: 'A page with all notifications: inbox, unread, done and snoozed.',
    files: ['inbox.tsx'],
  },
  {
    name: 'settings',
    title: 'Notification settings',
    description: 'How somebody wants to be told: by category, at which hours, and of which topics.',
    files: ['settings.tsx'],
  },
];

/** Writes the registry into a folder, over what is there. Returns the names of the files. */
export function buildRegistry(folder) {
  const items = PARTS.map(itemOf);
  const registry = {
    $schema: `${SCHEMA}/registry.json`,
    name: 'belfry',
    items: items.map(({ $schema, files, ...item }) => ({
      ...item,
      files: files.map(({ content, ...file }) => file),
    })),
  };
  mkdirSync(folder, { recursive: true });
  const written = { 'registry.json': registry };
  for (const item of items) written[`${item.name}.json`] = item;
  for (const [name, value] of Object.entries(written))
    writeFileSync(join(folder, name), `${JSON.stringify(value, null, 2)}\n`);
  return Object.keys(written);
}

function itemOf({ files, ...about }) {
  return {
    $schema: `${SCHEMA}/registry-item.json`,
    type: 'registry:component',
    ...about,
    dependencies: ['belfry'],
    files: withImports(files).map((file) => ({
      path: `${SOURCE}/${file}`,
      type: file.endsWith('.css') ? 'registry:file' : 'registry:component',
      target: `${SOURCE}/${file}`,
      content: read(file),
    })),
  };
}

/** These files and those that they import from beside them, and so on; each once, in the order of their names. */
function withImports(files) {
  const found = new Set(files);
  for (const file of found) for (const imported of importsOf(file)) found.add(imported);
  return [...found].sort();
}

function importsOf(file) {
  if (file.endsWith('.css')) return [];
  const imports = read(file).matchAll(/(?:from|import\(|^import)\s*'\.\/([^']+)'/gm);
  return [...imports].map(([, name]) => (name.endsWith('.css') ? name : `${name}.tsx`));
}

function read(file) {
  return readFileSync(join(ROOT, SOURCE, file), 'utf8');
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const folder = resolve(process.argv[2] ?? join(ROOT, 'dist/registry'));
  const { length } = buildRegistry(folder);
  console.log(`Wrote ${length} files to ${folder}.`);
}
