// `npm start` and `npm run dev`: from a fresh clone to a running app.

import { build, generate, versionOf } from './build.mjs';
import { exitOnSignal } from './command.mjs';
import { checkMachine, install } from './install.mjs';
import { whileAlone } from './lock.mjs';
import { checkPort } from './port.mjs';
import { announce, others } from './running.mjs';
import { startServer } from './server.mjs';
import { readSettings } from './settings.mjs';
import { goOnUnheard, say, seconds, tell } from './terminal.mjs';

goOnUnheard();
const dev = process.argv.includes('--dev');

await tell(async () => {
  const startedAt = Date.now();
  const keepSignals = exitOnSignal();

  checkMachine();
  const settings = readSettings({ dev });
  await checkPort(settings);
  await whileAlone(async () => {
    await install();
    await generate();
    if (!dev) await build(settings);
    // Before anybody else gets a turn to build.
    announce(factsAbout(settings));
  });

  keepSignals();
  const server = startServer({ dev, ...settings });
  server.ready.then(() => {
    greet(settings, Date.now() - startedAt);
    tellOfOthers(settings);
  });
  // Lines that wait for a reader would keep this process.
  process.exit(await server.exited);
});

function factsAbout({ url, publicVariables }) {
  const name = `Belfry is running at ${url}${dev ? ' (npm run dev)' : ''}`;
  // The development server builds for itself, in a place of its own.
  if (dev) return { name, url, uses: ['node_modules'] };
  return { name, url, uses: ['node_modules', '.next'], version: versionOf(publicVariables) };
}

/** Two servers on one database are right, and know of each other only through Redis. */
function tellOfOthers({ url, databaseFile, redis }) {
  if (databaseFile === null || redis) return;
  // Beside the database: the others may have been started from other folders.
  const folder = `${databaseFile}.running`;
  announce({ name: `${dev ? 'npm run dev' : 'npm start'} at ${url}` }, folder);
  for (const { name } of others(folder)) {
    say(
      `\nThe database ${databaseFile} is also used by ${name}. Both work; what happens in one shows in the other up to 2 s ` +
        'later, and progress does not, unless both have the same REDIS_URL.',
    );
  }
}

function greet({ url, host, port, demoPassword }, took) {
  const password = demoPassword();
  say(`\nBelfry is running at ${url} (after ${seconds(took)}).`);
  if (host === '0.0.0.0' || host === '::')
    say(`Other machines reach it by this machine's name, on port ${port}.`);
  if (password) {
    say('\nSign in with one of the demo accounts:');
    say('  admin@belfry.test (sends notices to everyone), ada@belfry.test, ben@belfry.test');
    say(`  password ${password}`);
    say(`\nYour first notification: press "Build my report" at ${url},`);
    say(`or send one to everyone, as the admin, at ${url}/admin.`);
  } else {
    say('\nMake the first admin with `npm run create-admin`,');
    say(`then sign in and send the first notification at ${url}/admin.`);
  }
  say('\nStop it with Ctrl-C.');
}
