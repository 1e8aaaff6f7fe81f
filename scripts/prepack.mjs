// `npm pack` runs it first: installs what is missing, builds the package, and puts its manifest in the place of the project's.

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exitOnSignal, npmProcess, ROOT } from './command.mjs';
import { checkMachine, install } from './install.mjs';
import { putInPlace } from './pack-in-place.mjs';
import { tell } from './terminal.mjs';

const PUT_BACK = fileURLToPath(new URL('put-back.mjs', import.meta.url));

await tell(async () => {
  exitOnSignal();
  checkMachine();
  await install();
  // It imports what has just been installed.
  const { buildPackage, packageManifest } = await import('./package.mjs');
  await buildPackage();
  const texts = {
    'package.json': `${JSON.stringify(packageManifest(), null, 2)}\n`,
    'README.md': readFileSync(join(ROOT, 'lib/belfry/README.md')),
  };
  const npm = npmProcess();
  if (npm) spawn(process.execPath, [PUT_BACK, String(npm)], { detached: true, stdio: 'ignore' }).unref();
  putInPlace(texts, npm);
});
