#!/usr/bin/env node
// `npx belfry`. Every Node reads this file: so one that is too old for the others can be told apart, in a sentence.

const OLDEST_NODE = 22;

if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
  console.error(
    `Belfry needs Node ${OLDEST_NODE} or later, and this is ${process.versions.node}. Install a later one, and run the same command again.`,
  );
  process.exitCode = 1;
} else {
  const { main } = await import('./main.ts');
  const code = await main(process.argv.slice(2));
  // An app's database, once it is open, would keep this process. Into a pipe Windows writes later than it says.
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
}
