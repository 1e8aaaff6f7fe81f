/** A proxy that ends every response at a certain age, whether it is over or not, as serverless platforms do. */
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface CuttingProxy {
  readonly url: string;
  /** How many responses were not over by then. */
  cut: () => number;
  close: () => Promise<void>;
}

/** Starts one in front of a server, on a port of its own. */
export async function startCuttingProxy(target: string, afterMs: number): Promise<CuttingProxy> {
  let cut = 0;
  const proxy = createServer((incoming, outgoing) => {
    const { method, headers, url = '/' } = incoming;
    const asked = request(`${target}${url}`, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      outgoing.flushHeaders();
      answer.pipe(outgoing);
      answer.on('error', () => outgoing.destroy());
    });
    const timer = setTimeout(() => {
      cut += 1;
      outgoing.destroy();
    }, afterMs);
    asked.on('error', () => outgoing.destroy());
    outgoing.on('close', () => {
      clearTimeout(timer);
      asked.destroy();
    });
    incoming.pipe(asked);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    cut: () => cut,
    close: async () => {
      proxy.close();
      proxy.closeAllConnections();
    },
  };
}
