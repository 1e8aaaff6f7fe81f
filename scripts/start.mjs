// `npm start` and `npm run dev`: from a fresh clone to a running app.

import { build, generate } from './build.mjs';
import { exitOnSignal } from './command.mjs';
import { checkMachine, install } from './install.mjs';
import { whileAlone } from './lock.mjs';
import { checkPort } from './port.mjs';
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
  });

  keepSignals();
  const server = startServer({ dev, ...settings });
  server.ready.then(() => greet(settings, Date.now() - startedAt));
  // Lines that wait for a reader would keep this process.
  process.exit(await server.exited);
});

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
