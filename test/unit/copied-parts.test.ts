/** The parts in components/notifications are copied into other apps as they are: into TypeScript and JavaScript alike. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { sourceFiles } from '../support/source-files.ts';

const FILES = sourceFiles(['components/notifications'], '');
const SHEET = 'components/notifications/notifications.css';
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
      (name = '') => !['react', 'belfry/react', './notifications.css'].includes(name),
    );
    expect(others.filter((name = '') => !/^\.\/[a-z-]+$/.test(name))).toEqual([]);
  },
);

test('there is one style sheet, every class that a part names is in it, and none is left over', () => {
  expect(FILES.filter((file) => file.endsWith('.css'))).toEqual([SHEET]);
  const parts = FILES.filter((file) => file.endsWith('.tsx'))
    .map(read)
    .join();
  const named = new Set(parts.match(/(?<![\w-])belfry-[\w-]+/g));
  const styled = new Set([...read(SHEET).matchAll(/\.([a-z][\w-]*)/gi)].map(([, name]) => name));
  expect([...named].toSorted()).toEqual([...styled].toSorted());
});

test('each colour has a name that the app can give, and one without an app', () => {
  const [tokens = ''] = /\.belfry-root \{[^}]*\}/.exec(read(SHEET)) ?? [];
  const declared = [...tokens.matchAll(/--(n-[\w-]+):([^;]+);/g)];
  expect(declared.length).toBeGreaterThan(20);
  for (const [, name, value = ''] of declared)
    expect(value, name).toMatch(/^\s*var\(\s*--notifications-[\w-]+,/);
});

test('every name that the style sheet gives to a page is its own', () => {
  const sheet = read(SHEET);
  const names = [...sheet.matchAll(/(?:\.|@keyframes )([a-z][\w-]*)/gi)].map(([, name]) => name);
  expect(names.filter((name = '') => !name.startsWith('belfry-'))).toEqual([]);
  // Each rule is about a class of Belfry's.
  const selectors = sheet
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .match(/[^{};]+(?=\{)/g)
    ?.flatMap((rule) => rule.split(','))
    .map((selector) => selector.trim())
    .filter((selector) => !/^(@|from$|to$|[\d.]+%$)/.test(selector));
  expect(selectors?.length).toBeGreaterThan(100);
  expect(selectors?.filter((selector) => !/^[\w:]*\.belfry-/.test(selector))).toEqual([]);
});
