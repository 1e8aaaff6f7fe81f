// `npm run validate`: what can be known in seconds, for daily work.

import { generate } from './build.mjs';
import { count, runChecks } from './checks.mjs';
import { exitOnSignal } from './command.mjs';
import { checkMachine, install } from './install.mjs';
import { whileAlone } from './lock.mjs';
import { say, tell } from './terminal.mjs';

await tell(async () => {
  exitOnSignal();
  checkMachine();
  await whileAlone(async () => {
    await install();
    await generate();
  });
  const sum = await runChecks(['types', 'lint', 'unit']);
  say(count(sum));
  return sum.failed === 0 ? 0 : 1;
});
