// Starts the server in a container, from the folder that scripts/build-standalone.mjs makes.

import './check-node.mjs';

// Next's server listens on HOSTNAME, which a container sets to its own name. Belfry's name for it is
// BELFRY_HOST. Nobody outside reaches a container's own loopback address, so it is not the default here.
const host = (process.env.BELFRY_HOST || '0.0.0.0').replace(/^\[(.*)\]$/, '$1');

Object.assign(process.env, {
  BELFRY_HOST: host,
  HOSTNAME: host,
  // The app stops in an order of its own; see lib/lifecycle/start-up.ts.
  NEXT_MANUAL_SIG_HANDLE: 'true',
  NEXT_TELEMETRY_DISABLED: '1',
});

// A log that nobody takes must not end the server, and Next writes before the app can say so.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

await import('./server.js');
