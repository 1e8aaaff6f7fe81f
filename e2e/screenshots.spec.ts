/** `npm run screenshots` in short: that it can take its pictures. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from './fixtures.ts';
import { photograph, writeIndex } from './screenshots/camera.ts';
import { LOOKS } from './screenshots/looks.ts';
import { STATES } from './screenshots/states.ts';

const SOME = ['landing', 'home-empty', 'toasts', 'error'];

test('the pages are photographed in their states, and laid out in one page', async ({
  admin,
  expectErrors,
  openBrowser,
  server,
}, testInfo) => {
  const [look] = LOOKS;
  if (!look) throw new Error('There is no look.');
  const states = STATES.filter(({ name }) => SOME.includes(name));
  const folder = testInfo.outputPath('pictures');
  expect(await photograph({ admin, expectErrors, openBrowser, server }, states, look, folder)).toEqual([]);
  writeIndex(folder, states);
  const pictures = SOME.map((name) => `${name}--light-en.png`);
  expect(readdirSync(folder).toSorted()).toEqual([...pictures, 'index.html'].toSorted());
  const page = readFileSync(`${folder}/index.html`, 'utf8');
  expect(pictures.filter((file) => !page.includes(`src="${file}"`))).toEqual([]);
});
