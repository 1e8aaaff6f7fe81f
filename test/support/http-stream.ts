/** A stream over real HTTP, read the way any client would read it. */
import type { EventSourceMessage } from 'eventsource-parser';
import type { InboxFrame, ItemJson } from '../../lib/belfry/protocol/item.ts';
import { until } from './engine.ts';
import type { SignedIn } from './server.ts';
import { createSseReader, events, inboxFrames } from './sse.ts';

export interface HttpStream {
  readonly response: Response;
  readonly messages: EventSourceMessage[];
  readonly events: ItemJson[];
  readonly ids: (number | null)[];
  readonly inbox: InboxFrame[];
  readonly retries: number[];
  /** True once the server has ended it or the connection broke. */
  readonly ended: boolean;
  /** Goes away, as a closed tab does. */
  close: () => void;
}

/** Opens a stream and waits for its first totals. */
export async function openHttpStream(
  user: SignedIn,
  {
    path = '/sse/SystemNotification',
    headers = {},
  }: { path?: string; headers?: Record<string, string> } = {},
): Promise<HttpStream> {
  const leave = new AbortController();
  const response = await user.fetch(path, { headers, signal: leave.signal });
  if (response.status !== 200 || !response.body) {
    throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  }
  const reader = createSseReader();
  const { body } = response;
  let ended = false;
  const reading = async () => {
    const decoder = new TextDecoder();
    try {
      for await (const chunk of body) reader.feed(decoder.decode(chunk, { stream: true }));
    } catch {
      // Broken off, by us or by the server.
    }
    ended = true;
  };
  void reading();
  const stream: HttpStream = {
    response,
    get messages() {
      return reader.decoded.messages;
    },
    get events() {
      return events(reader.decoded.messages);
    },
    get ids() {
      return stream.events.map(({ id }) => id);
    },
    get inbox() {
      return inboxFrames(reader.decoded.messages);
    },
    get retries() {
      return reader.decoded.retries;
    },
    get ended() {
      return ended;
    },
    close: () => leave.abort(),
  };
  await until(() => stream.inbox.length > 0 || ended);
  return stream;
}
