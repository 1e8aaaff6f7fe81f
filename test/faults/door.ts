/** An address that leads to one server, and then to another, as that of a failover does; or for a while to none. */
import { once } from 'node:events';
import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net';

export interface Door {
  readonly port: number;
  /** `url` with the door's port. */
  at: (url: string) => string;
  /** From now on: to the port of this address; `null`: to nobody, and whoever came through is cut off. */
  leadTo: (url: string | null) => void;
  close: () => Promise<void>;
}

/** Opens one, on a free port of this machine. */
export async function openDoor(url: string): Promise<Door> {
  let target: number | null = portOf(url);
  const open = new Set<Socket>();
  const cutAll = () => {
    for (const socket of open) socket.destroy();
  };
  const server = createServer((incoming) => {
    if (target === null) {
      incoming.destroy();
      return;
    }
    const outgoing = dial(target, '127.0.0.1');
    for (const [one, other] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      open.add(one);
      one.on('error', () => {});
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    at: (other) => Object.assign(new URL(other), { port: String(port) }).href,
    leadTo(other) {
      target = other === null ? null : portOf(other);
      if (target === null) cutAll();
    },
    close: async () => {
      server.close();
      cutAll();
    },
  };
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}
