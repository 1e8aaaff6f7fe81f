import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { pages } from '../../app/pages.ts';
import { isPage } from '../../lib/belfry/react/pages.ts';
import { sourceFiles } from '../support/source-files.ts';

test('every page of the app is listed, and nothing that is none', () => {
  const found = sourceFiles(['app'], 'page.tsx')
    .map((file) => file.split('/').slice(1, -1))
    // A folder in parentheses is no part of the address.
    .map((folders) => `/${folders.filter((folder) => !folder.startsWith('(')).join('/')}`);
  expect(pages.toSorted()).toEqual(found.toSorted());
});

test.each(sourceFiles(['app', 'components'], '.tsx'))('in %s the router is sent to pages alone', (file) => {
  const links = [...readFileSync(file, 'utf8').matchAll(/<(?:Link|ButtonLink)\b[^>]*?\shref="([^"]*)"/g)];
  expect(links.map(([, href = '']) => href).filter((href) => !isPage(href, pages))).toEqual([]);
});
