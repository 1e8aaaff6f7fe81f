/** A proxy that passes everything on, but may hold the bodies of streams: their heads pass, and nothing after. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HoldingProxy {
  readonly url: string;
  /** How many heads of streams it has passed on since it began to hold their bodies. */
  held: () => number;
  hold: () => void;
  /** Lets go of all that it has held, and holds nothing more. */
  release: () => void;
  close: () => Promise<void>;
}

/** Starts one in front of a server, on a port of its own. */
export async function startHoldingProxy(target: string): Promise<HoldingProxy> {
  const streams = new Map<IncomingMessage, ServerResponse>();
  let isHolding = false;
  let heads = 0;

  const proxy = createServer((incoming, outgoing) => {
    const { method, headers, url = '/' } = incoming;
    const asked = request(`${target}${url}`, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      outgoing.flushHeaders();
      if (!url.startsWith('/sse/')) {
        answer.pipe(outgoing);
        return;
      }
      streams.set(answer, outgoing);
      answer.once('close', () => streams.delete(answer));
      if (isHolding) heads += 1;
      else answer.pipe(outgoing);
    });
    asked.on('error', () => outgoing.destroy());
    outgoing.on('close', () => asked.destroy());
    incoming.pipe(asked);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');

  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    held: () => heads,
    hold() {
      isHolding = true;
      heads = 0;
      for (const [answer, outgoing] of streams) answer.unpipe(outgoing);
    },
    release() {
      isHolding = false;
      for (const [answer, outgoing] of streams) answer.pipe(outgoing);
    },
    async close() {
      const closed = once(proxy, 'close');
      proxy.close();
      proxy.closeAllConnections();
      await closed;
    },
  };
}
