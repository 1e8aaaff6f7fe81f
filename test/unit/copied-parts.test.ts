/** The parts in components/notifications are copied into other apps as they are: into TypeScript and JavaScript alike. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { sourceFiles } from '../support/source-files.ts';

const FILES = sourceFiles(['components/notifications'], '');
const SHEET = 'components/notifications/notifications.module.css';
const read = (file: string) => readFileSync(file, 'utf8');

test.each(FILES.filter((file) => file.endsWith('.tsx')))(
  '%s imports React, belfry/react and its siblings',
  (file) => {
    const imports = [...read(file).matchAll(/(?:from|import\(|^import)\s*'([^']+)'/gm)].map(
      ([, name]) => name,
    );
    expect(imports.length).toBeGreaterThan(0);
    // Without an ending: an app in JavaScript gives them another.
    const others = imports.filter(
      (name = '') => !['react', 'belfry/react', './notifications.module.css'].includes(name),
    );
    expect(others.filter((name = '') => !/^\.\/[a-z-]+$/.test(name))).toEqual([]);
  },
);

test('there is one style sheet, every class that a part names is in it, and none is left over', () => {
  expect(FILES.filter((file) => file.endsWith('.css'))).toEqual([SHEET]);
  const parts = FILES.filter((file) => file.endsWith('.tsx'))
    .map(read)
    .join();
  const named = new Set([...parts.matchAll(/styles\.(\w+)/g)].map(([, name]) => name));
  // `styles[priority]`.
  for (const priority of ['LOW', 'NORMAL', 'HIGH', 'CRITICAL']) named.add(priority);
  const styled = new Set([...read(SHEET).matchAll(/\.([a-z][\w-]*)/gi)].map(([, name]) => name));
  expect([...named].toSorted()).toEqual([...styled].toSorted());
});

test('each colour has a name that the app can give, and one without an app', () => {
  const [tokens = ''] = /\.root \{[^}]*\}/.exec(read(SHEET)) ?? [];
  const declared = [...tokens.matchAll(/--(n-[\w-]+):([^;]+);/g)];
  expect(declared.length).toBeGreaterThan(20);
  for (const [, name, value = ''] of declared)
    expect(value, name).toMatch(/^\s*var\(\s*--notifications-[\w-]+,/);
});
