/** Connections below HTTP: half a request, no request, a reader that never reads. */
import { connect, type Socket } from 'node:net';

export interface RawStreamOptions {
  port: number;
  cookie?: string;
  method?: string;
  path?: string;
  headers?: Record<string, string>;
}

/** The text of a request for a stream. */
export function requestText({
  cookie,
  method = 'GET',
  path = '/sse/SystemNotification',
  headers = {},
}: Omit<RawStreamOptions, 'port'>): string {
  const all = { Host: '127.0.0.1', ...(cookie ? { Cookie: cookie } : {}), ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

/** A connection, once it stands. Its errors are left to whoever looks at `destroyed`. */
export function openSocket(port: number, options: { allowHalfOpen?: boolean } = {}): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', ...options }, () => {
      socket.off('error', reject);
      socket.on('error', () => {});
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

/** Writes a request and reads the answer as text until `isEnough`, or until the connection ends. */
export async function readRaw(
  options: RawStreamOptions,
  isEnough: (text: string) => boolean,
): Promise<string> {
  const socket = await openSocket(options.port);
  let text = '';
  return new Promise((resolve) => {
    const end = () => {
      socket.destroy();
      resolve(text);
    };
    socket.setEncoding('latin1').on('data', (part) => {
      text += part;
      if (isEnough(text)) end();
    });
    socket.once('close', end);
    socket.write(requestText(options), 'latin1');
  });
}
