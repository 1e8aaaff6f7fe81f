// `node scripts/put-back.mjs <process>`: waits for the end of an npm that packs, then puts the project's own manifest back
// if npm has not had that done itself.

import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, putBack } from './pack-in-place.mjs';

const LOOK_EVERY_MS = 200;

const packer = Number(process.argv[2]);
while (isRunning(packer)) await sleep(LOOK_EVERY_MS);
putBack({ packer });
