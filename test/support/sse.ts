/** Reads server-sent events with a decoder that is not ours: eventsource-parser, as other clients use it. */
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import type { InboxFrame, ItemJson } from '../../lib/belfry/protocol/item.ts';

export interface Decoded {
  messages: EventSourceMessage[];
  comments: string[];
  retries: number[];
  errors: string[];
}

export interface SseReader {
  /** Everything decoded so far. */
  readonly decoded: Decoded;
  feed: (text: string) => void;
}

export function createSseReader(): SseReader {
  const decoded: Decoded = { messages: [], comments: [], retries: [], errors: [] };
  const parser = createParser({
    onEvent: (message) => decoded.messages.push(message),
    onComment: (comment) => decoded.comments.push(comment),
    onRetry: (retry) => decoded.retries.push(retry),
    onError: (error) => decoded.errors.push(error.message),
  });
  return { decoded, feed: (text) => parser.feed(text) };
}

export function decodeSse(text: string): Decoded {
  const reader = createSseReader();
  reader.feed(text);
  return reader.decoded;
}

/** The data of every message of one name. */
export function dataOf<Data>(messages: readonly EventSourceMessage[], name: string): Data[] {
  return messages.filter(({ event }) => event === name).map(({ data }) => JSON.parse(data));
}

/** The data of the control event `inbox`. */
export function inboxFrames(messages: readonly EventSourceMessage[]): InboxFrame[] {
  return dataOf<InboxFrame>(messages, 'inbox');
}

/** Whatever carries an event, stored or not; control events carry none. */
export function events(messages: readonly EventSourceMessage[]): ItemJson[] {
  return messages
    .filter(({ event }) => /^[A-Z]/.test(event ?? ''))
    .map(({ data }): ItemJson => JSON.parse(data));
}
