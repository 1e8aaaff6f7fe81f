/** HTTP as bytes: whatever cannot be said with a client that knows the rules, and the answer to it. */
import type { Socket } from 'node:net';
import { openSocket } from '../faults/raw-stream.ts';

const ANSWER_LIMIT_MS = 10_000;

export interface RawAnswer {
  status: number;
  contentType: string;
  body: string;
}

/** A connection that is kept for one exchange after another, and replaced when the server closes it. */
export class Exchange {
  readonly #port: number;
  #socket: Socket | null = null;

  constructor(port: number) {
    this.#port = port;
  }

  /**
   * Sends bytes, written as latin1, and reads one answer. Null: the connection was closed without one. A
   * stream counts as answered with its headers.
   *
   * @throws Error when neither happens in time.
   */
  async ask(bytes: string, { hasBody = true }: { hasBody?: boolean } = {}): Promise<RawAnswer | null> {
    this.#socket ??= await openSocket(this.#port);
    const socket = this.#socket;
    if (socket.destroyed) {
      this.#socket = null;
      return this.ask(bytes, { hasBody });
    }
    return new Promise((resolve, reject) => {
      let text = '';
      const end = (answer: RawAnswer | null, isKept: boolean) => {
        clearTimeout(limit);
        socket.off('data', onData).off('close', onClose);
        if (!isKept) {
          socket.destroy();
          this.#socket = null;
        }
        resolve(answer);
      };
      const onData = (part: Buffer) => {
        text += part.toString('latin1');
        text = text.replace(/^HTTP\/1\.1 1\d\d [\s\S]*?\r\n\r\n/, '');
        const answer = readAnswer(text, hasBody, false);
        if (answer) end(answer, !/\r\nconnection: close\r\n/i.test(text) && !isStream(answer));
      };
      const onClose = () => end(readAnswer(text, hasBody, true), false);
      const limit = setTimeout(() => {
        socket.destroy();
        this.#socket = null;
        reject(new Error(`no answer within ${ANSWER_LIMIT_MS / 1_000} s`));
      }, ANSWER_LIMIT_MS);
      socket.on('data', onData).on('close', onClose);
      socket.write(bytes, 'latin1');
    });
  }

  close(): void {
    this.#socket?.destroy();
  }
}

function isStream({ contentType }: RawAnswer): boolean {
  return contentType.startsWith('text/event-stream');
}

/** Null while it is not whole. A connection that is closed has said all that it will. */
function readAnswer(text: string, hasBody: boolean, isClosed: boolean): RawAnswer | null {
  const headersEnd = text.indexOf('\r\n\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1]);
  if (headersEnd < 0 || !status) return null;
  const headers = `${text.slice(0, headersEnd).toLowerCase()}\r\n`;
  const rest = text.slice(headersEnd + 4);
  const contentType = /\r\ncontent-type: ([^\r]*)/.exec(headers)?.[1] ?? '';
  const answer = (body: string) => ({ status, contentType, body });
  if (!hasBody || status === 204 || status === 304 || contentType.startsWith('text/event-stream'))
    return answer('');
  const length = /\r\ncontent-length: (\d+)\r\n/.exec(headers)?.[1];
  if (length !== undefined) return isClosed || rest.length >= Number(length) ? answer(rest) : null;
  if (headers.includes('\r\ntransfer-encoding: chunked')) {
    return isClosed || /(^|\r\n)0\r\n\r\n$/.test(rest) ? answer(rest) : null;
  }
  return isClosed ? answer(rest) : null;
}
