/** A small proxy in front of several instances: each connection goes to the next one that takes it. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

const CONNECT_LIMIT_MS = 1_000;

export interface RoundRobin {
  readonly url: string;
  close: () => Promise<void>;
}

export async function startRoundRobin(ports: readonly number[]): Promise<RoundRobin> {
  const open = new Set<Socket>();
  let next = 0;

  const server = createServer(async (incoming) => {
    open.add(incoming);
    incoming.on('close', () => open.delete(incoming)).on('error', () => {});
    const first = next++;
    const outgoing = await firstThatConnects(ports.map((_, n) => ports[(first + n) % ports.length] ?? 0));
    if (!outgoing || incoming.destroyed) {
      outgoing?.destroy();
      incoming.destroy();
      return;
    }
    // Whoever breaks off on one side is gone on the other.
    outgoing.on('error', () => {}).on('close', () => incoming.destroy());
    incoming.on('close', () => outgoing.destroy());
    incoming.pipe(outgoing).pipe(incoming);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

async function firstThatConnects(ports: readonly number[]): Promise<Socket | null> {
  for (const port of ports) {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    socket.on('error', () => {});
    const limit = setTimeout(() => socket.destroy(), CONNECT_LIMIT_MS);
    const connected = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'close').then(() => false),
    ]).catch(() => false);
    clearTimeout(limit);
    if (connected) return socket;
  }
  return null;
}
