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

/** A stream that stays open until one side ends it. */
export interface HeldStream {
  /** What came so far, without the head. */
  body: () => string;
  close: () => void;
}

/** Opens one, and reads what comes. */
export async function holdRaw(options: RawStreamOptions): Promise<HeldStream> {
  const socket = await openSocket(options.port);
  let text = '';
  socket.setEncoding('latin1').on('data', (part) => {
    text += part;
  });
  socket.write(requestText(options), 'latin1');
  return { body: () => bodyOf(text), close: () => socket.destroy() };
}

/** The body of a chunked answer. It must not hold a line that looks like the length of a chunk: no frame of ours does. */
export function bodyOf(text: string): string {
  const body = text.slice(text.indexOf('\r\n\r\n') + 4);
  return body.replace(/\r?\n?[0-9a-f]+\r\n/g, '');
}
