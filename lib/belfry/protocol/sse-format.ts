/**
 * Frames of the protocol "server-sent events", as the WHATWG HTML standard defines it
 * (https://html.spec.whatwg.org/multipage/server-sent-events.html).
 */

/** The fields of one message; see "Interpreting an event stream" in the standard. */
export interface SseFrame {
  /** Becomes the client's Last-Event-ID. Left out: the client keeps the one it has. */
  id?: number;
  /** The event's name. It must not hold a line break; event types cannot. */
  event: string;
  /** Sent as JSON, which escapes CR, LF and NUL, so that a text cannot begin a second frame. */
  data: unknown;
  /** How long the browser waits before it reconnects, in milliseconds. */
  retryMs?: number;
}

const encoder = new TextEncoder();

/** One frame as text, with the empty line that ends it. */
export function formatFrame({ id, event, data, retryMs }: SseFrame): string {
  const idField = id === undefined ? '' : `id: ${id}\n`;
  const retryField = retryMs === undefined ? '' : `retry: ${retryMs}\n`;
  return `${retryField}${idField}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** A comment: clients ignore it. It makes proxies and frameworks send the headers. */
export function formatComment(text: string): string {
  return `: ${text.replace(/[\r\n\0]/g, ' ')}\n\n`;
}

/** UTF-8, the only encoding that an event stream has. */
export function encode(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}
