// `npm test`: installs what is missing and runs every check.
// `npm test -- --only unit` runs one of them, or several with commas between.

import { generate } from './build.mjs';
import { CHECKS, count, NEED_BUILD, runChecks } from './checks.mjs';
import { exitOnSignal } from './command.mjs';
import { checkMachine, install } from './install.mjs';
import { whileAlone } from './lock.mjs';
import { announce } from './running.mjs';
import { Problem, say, tell } from './terminal.mjs';

await tell(async () => {
  exitOnSignal();
  const names = chosenChecks(process.argv.slice(2));
  checkMachine();
  await whileAlone(async () => {
    await install();
    await generate();
    announce({ name: '`npm test` is running', uses: ['node_modules', '.next', '.next-standalone'] });
  });
  const sum = await runChecks(names);
  say(count(sum));
  return sum.failed === 0 ? 0 : 1;
});

function chosenChecks(args) {
  const all = Object.keys(CHECKS);
  if (args.length === 0) return all;
  const chosen = args.length === 2 && args[0] === '--only' ? args[1].split(',') : [];
  const known = chosen.length > 0 && chosen.every((name) => all.includes(name));
  if (!known) throw new Problem(`Say which checks to run with --only and some of: ${all.join(', ')}.`);
  const needBuild = chosen.some((name) => NEED_BUILD.includes(name));
  return all.filter((name) => chosen.includes(name) || (name === 'build' && needBuild));
}
