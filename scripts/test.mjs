// `npm test`: installs what is missing and runs every check.
// `npm test -- --only unit` runs one of them, or several with commas between.
// `npm run test:all` takes the tests that are marked `long` as well.

import { generate } from './build.mjs';
import { CHECKS, count, LONG, NEED_BUILD, runChecks } from './checks.mjs';
import { exitOnSignal } from './command.mjs';
import { checkMachine, install } from './install.mjs';
import { whileAlone } from './lock.mjs';
import { announce } from './running.mjs';
import { Problem, say, tell } from './terminal.mjs';

await tell(async () => {
  exitOnSignal();
  const { names, long } = chosenChecks(process.argv.slice(2));
  checkMachine();
  await whileAlone(async () => {
    await install();
    await generate();
    announce({ name: '`npm test` is running', uses: ['node_modules', '.next', '.next-standalone'] });
  });
  const sum = await runChecks(names, { long });
  say(count(sum));
  return sum.failed === 0 ? 0 : 1;
});

function chosenChecks(given) {
  const all = Object.keys(CHECKS);
  const args = given.filter((argument) => argument !== '--long');
  const long = args.length < given.length;
  if (args.length === 0) return { names: all.filter((name) => long || !LONG.includes(name)), long };
  const chosen = args.length === 2 && args[0] === '--only' ? args[1].split(',') : [];
  const known = chosen.length > 0 && chosen.every((name) => all.includes(name));
  if (!known) throw new Problem(`Say which checks to run with --only and some of: ${all.join(', ')}.`);
  const needBuild = chosen.some((name) => NEED_BUILD.includes(name));
  return {
    names: all.filter((name) => chosen.includes(name) || (name === 'build' && needBuild)),
    long,
  };
}
