// `node scripts/build-standalone.mjs`: makes .next-standalone/standalone, the folder that a container runs.

import { buildStandalone, generate } from './build.mjs';
import { exitOnSignal } from './command.mjs';
import { checkMachine, install } from './install.mjs';
import { whileAlone } from './lock.mjs';
import { tell } from './terminal.mjs';

await tell(async () => {
  exitOnSignal();
  checkMachine();
  await whileAlone(async () => {
    await install();
    await generate();
    await buildStandalone();
  });
});
