// Finds out, before anything long is begun, whether the address is free.

import { createServer } from 'node:net';
import { versionOf } from './build.mjs';
import { others } from './running.mjs';
import { urlHost } from './settings.mjs';
import { Problem } from './terminal.mjs';

const ANSWER_MS = 1500;

/** Refuses, with a sentence, when the server could not listen there. */
export async function checkPort({ host, port, loopback, url, publicVariables }) {
  // `localhost` may mean either loopback address, so both have to be ours.
  const hosts = loopback && host !== '::1' ? [host, '::1'] : [host];
  for (const candidate of hosts) {
    const error = await tryToListen(candidate, port);
    if (error?.code === 'EADDRINUSE') {
      throw await takenBy(`http://${urlHost(candidate)}:${port}`, port, publicVariables);
    }
    if (candidate !== host || !error) continue;
    if (error.code === 'EACCES') {
      throw new Problem(
        `Port ${port} is reserved for administrators: choose a higher one with PORT=3000 npm start.`,
      );
    }
    throw new Problem(
      `Belfry cannot listen on ${url}: BELFRY_HOST=${host} is no address of this machine (${error.code}).`,
    );
  }
}

async function takenBy(url, port, publicVariables) {
  if (await isBelfry(url)) {
    const running = others().find((one) => one.url === url);
    const isOutdated = running?.version !== undefined && running.version !== versionOf(publicVariables);
    return new Problem(
      `Belfry is already running at ${url}${isOutdated ? '; sources have changed since it was built: stop it, then start again.' : ''}`,
    );
  }
  const other = port < 65_535 ? port + 1 : 3000;
  return new Problem(
    `Port ${port} is taken by another program: stop it or choose another with PORT=${other} npm start.`,
  );
}

async function isBelfry(url) {
  try {
    const response = await fetch(`${url}/api/health`, { signal: AbortSignal.timeout(ANSWER_MS) });
    return (await response.json()).app === 'belfry';
  } catch {
    return false;
  }
}

function tryToListen(host, port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
