import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { closeConnections, stopListening, watchHttpConnections } from '../../lib/http/connections.ts';
import { parseTrustedProxies, type TrustedProxies } from '../../lib/http/trusted-proxies.ts';

const CLIENTS = 30;
const LIMIT_MS = 10_000;

/**
 * Another process, which goes on while this one is held up: it opens connections, asks for something on each when
 * the file "ask" is there, writes the file "asked" when all have, and prints the first line of each answer.
 */
const CLIENT = `
  const { connect } = require('node:net');
  const { existsSync, writeFileSync } = require('node:fs');
  const [, port, folder, count] = process.argv;
  const answers = [];
  const sockets = Array.from({ length: Number(count) }, () => connect(Number(port), '127.0.0.1'));
  for (const socket of sockets) {
    let answer = '';
    socket.setEncoding('utf8').on('data', (part) => { answer += part; });
    socket.on('error', (error) => { answer = error.code; });
    socket.on('close', () => answers.push(answer.split('\\r\\n')[0]));
  }
  const ask = async () => {
    if (!existsSync(folder + '/ask') || sockets.some(({ connecting }) => connecting)) return setTimeout(ask, 1);
    await Promise.all(sockets.map((socket) => new Promise((resolve) => {
      socket.write('POST / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 2\\r\\n\\r\\nhi', resolve);
    })));
    writeFileSync(folder + '/asked', '');
  };
  ask();
  process.on('exit', () => process.stdout.write(JSON.stringify(answers)));
`;

watchHttpConnections({
  trustedProxies: parseTrustedProxies('127.0.0.1') as TrustedProxies,
  headersFor: () => [],
  answerBeforeNext: () => false,
});
let server: Server;
let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'belfry-closing-'));
  server = createServer(async (incoming, response) => {
    await text(incoming);
    response.end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  // A server is found by its first connection.
  await fetch(`http://127.0.0.1:${port()}/`, { headers: { connection: 'close' } });
});

afterEach(() => rmSync(folder, { recursive: true }));

test.each([0, 700])(
  'connections that came while the server was busy, %i ms at least, are accepted before it stops to listen, and answered',
  async (atLeastMs) => {
    const answers = startClient();
    askFor();
    // Before the next turn of the event loop takes what has come.
    setImmediate(() => holdUpUntilAsked({ atLeastMs }));
    await stopListening();
    await closeConnections();
    expect(await answers).toEqual(Array(CLIENTS).fill('HTTP/1.1 200 OK'));
  },
);

test('a request that came while a stopping server was busy is answered, however long that was', async () => {
  const answers = startClient();
  while ((await connectionCount()) < CLIENTS) await sleep(1);
  await stopListening();
  const closed = closeConnections();
  askFor();
  holdUpUntilAsked({ atLeastMs: 700 });
  await closed;
  expect(await answers).toEqual(Array(CLIENTS).fill('HTTP/1.1 200 OK'));
});

async function startClient(): Promise<string[]> {
  const client = spawn(process.execPath, ['-e', CLIENT, String(port()), folder, String(CLIENTS)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(await text(client.stdout));
}

function port(): number {
  return (server.address() as AddressInfo).port;
}

function askFor(): void {
  writeFileSync(join(folder, 'ask'), '');
}

/** Keeps this process from everything else, as the making of a large page does. */
function holdUpUntilAsked({ atLeastMs = 0 } = {}): void {
  const since = performance.now();
  while (!existsSync(join(folder, 'asked')) || performance.now() - since < atLeastMs)
    if (performance.now() - since > LIMIT_MS) throw new Error('The client did not ask.');
}

function connectionCount(): Promise<number> {
  return new Promise((resolve) => server.getConnections((_, count) => resolve(count)));
}
