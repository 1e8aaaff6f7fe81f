// `npm run screenshots`: builds what has changed, and takes a picture of every page in every state into
// test-results/screenshots. What follows `--` goes to Playwright: `npm run screenshots -- --grep dark-en`.

import { join } from 'node:path';
import { findBrowser } from './browser.mjs';
import { build, generate } from './build.mjs';
import { exitOnSignal, ROOT, runTool } from './command.mjs';
import { checkMachine, install } from './install.mjs';
import { whileAlone } from './lock.mjs';
import { announce } from './running.mjs';
import { say, tell } from './terminal.mjs';

await tell(async () => {
  exitOnSignal();
  checkMachine();
  await whileAlone(async () => {
    await install();
    await generate();
    await build();
    announce({ name: '`npm run screenshots` is running', uses: ['node_modules', '.next'] });
  });
  const config = join(ROOT, 'e2e/screenshots/config.ts');
  const { code } = await runTool('playwright', ['test', '-c', config, ...process.argv.slice(2)], {
    env: { CHROMIUM_PATH: await findBrowser() },
    show: true,
  });
  say(`The pictures are laid out in ${join(ROOT, 'test-results/screenshots/index.html')}.`);
  return code;
});
