/** A proxy that passes everything on, but may hold the bodies of streams: their heads pass, and nothing, or little, after. */
import { once } from 'node:events';
import { createServer, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HoldingProxy {
  readonly url: string;
  /** How many heads of streams it has passed on since it began to hold their bodies. */
  held: () => number;
  /** @param passing How many bytes of the bodies of new streams pass. Default: none. */
  hold: (options?: { passing?: number }) => void;
  /** Lets go of all that it has held, and holds nothing more. */
  release: () => void;
  close: () => Promise<void>;
}

interface Stream {
  outgoing: ServerResponse;
  /** How many bytes may still pass while bodies are held. */
  left: number;
  held: Buffer[];
}

/** Starts one in front of a server, on a port of its own. */
export async function startHoldingProxy(target: string): Promise<HoldingProxy> {
  const streams = new Set<Stream>();
  let isHolding = false;
  let passing = 0;
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
      const stream: Stream = { outgoing, left: passing, held: [] };
      streams.add(stream);
      if (isHolding) heads += 1;
      answer.on('data', (chunk: Buffer) => pass(stream, chunk));
      answer.once('close', () => {
        streams.delete(stream);
        outgoing.end();
      });
    });
    asked.on('error', () => outgoing.destroy());
    outgoing.on('close', () => asked.destroy());
    incoming.pipe(asked);
  });

  function pass(stream: Stream, chunk: Buffer): void {
    const passed = isHolding ? chunk.subarray(0, stream.left) : chunk;
    stream.left -= passed.length;
    stream.outgoing.write(passed);
    if (passed.length < chunk.length) stream.held.push(chunk.subarray(passed.length));
  }

  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');

  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    held: () => heads,
    hold({ passing: ofNew = 0 } = {}) {
      isHolding = true;
      heads = 0;
      passing = ofNew;
      for (const stream of streams) stream.left = 0;
    },
    release() {
      isHolding = false;
      for (const { outgoing, held } of streams) for (const chunk of held.splice(0)) outgoing.write(chunk);
    },
    async close() {
      const closed = once(proxy, 'close');
      proxy.close();
      proxy.closeAllConnections();
      await closed;
    },
  };
}
