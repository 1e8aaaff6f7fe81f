/**
 * Pages of people, each in a browser of its own: the client as browsers run it (connection, requests, store, expiry),
 * on a network that the test breaks. `stubBrowser` gives it what a browser has and Node has not.
 */
import { createParser } from 'eventsource-parser';
import { vi } from 'vitest';
import { createInboxClient, type InboxClient } from '../../lib/belfry/client/inbox-client.ts';
import { type FollowedList, followList, type ViewSource } from '../../lib/belfry/client/inbox-list.ts';
import type { Item } from '../../lib/belfry/client/inbox-model.ts';
import { createServerClock } from '../../lib/belfry/client/server-clock.ts';
import type { ItemFilter } from '../../lib/belfry/protocol/item.ts';
import type { Activity } from './activity.ts';

/** Answers the requests of a user as the app's routes do. Rejects when the server cannot be reached. */
export type Server = (userId: string, request: Request) => Promise<Response>;

/**
 * What becomes of requests. `lost`: the server never has them; `unanswered`: it has done what they ask, and the page
 * does not hear of it; `late`: the answer comes with `answerLate`.
 */
export type Requests = 'answered' | 'lost' | 'unanswered' | 'late';

const pages = new Map<string, Page>();

export class Page {
  readonly userId: string;
  readonly key: string;
  readonly client: InboxClient;
  requests: Requests = 'answered';
  /** Views beside the inbox, each with what it is of. */
  readonly lists: { filter: ItemFilter; list: FollowedList; unfollow: (() => void) | null }[] = [];
  /** The tokens of what this page changed, oldest first. */
  readonly undos: string[] = [];
  readonly #activity: Activity;
  readonly #server: Server;
  readonly #onNews: (items: readonly Item[]) => void;
  #late: (() => void)[] = [];
  #stream: Stream | null = null;
  #stalled: { over: Promise<void>; end: () => void } | null = null;
  #close: (() => void) | null = null;

  constructor(options: {
    userId: string;
    name: string;
    server: Server;
    activity: Activity;
    /** Each time something is told of that would be a toast. */
    onNews: (items: readonly Item[]) => void;
  }) {
    this.userId = options.userId;
    this.key = `${options.userId}-${options.name}`;
    this.#server = options.server;
    this.#activity = options.activity;
    this.#onNews = options.onNews;
    this.client = createInboxClient({
      userKey: this.key,
      eventTypes: ['SystemNotification'],
      clock: createServerClock(),
      version: { note: () => {}, isOther: () => false, ask: async () => false },
      locale: 'en-GB',
      translate: (key) => key,
      toasts: {
        announce: (items) => this.#onNews(items),
        withdraw: () => {},
        withdrawThrough: () => {},
      },
    });
    pages.set(this.key, this);
  }

  follow(filter: ItemFilter): void {
    const list = followList(this.client.views as ViewSource, filter);
    this.lists.push({ filter, list, unfollow: list.subscribe(() => {}) });
  }

  /** Another page of the app is shown for a while, or this one again. */
  toggle(each: Page['lists'][number]): void {
    each.unfollow?.();
    each.unfollow = each.unfollow ? null : each.list.subscribe(() => {});
  }

  open(): void {
    this.#close ??= this.client.open();
  }

  close(): void {
    this.#close?.();
    this.#close = null;
  }

  /** The stream breaks: at once, or within the next piece that the server sends. */
  cut({ inFrame }: { inFrame: boolean }): void {
    if (inFrame) this.#stream?.breakInNextPiece();
    else this.#stream?.break();
  }

  /** What the server sends waits on the way until `flow`. */
  stall(): void {
    if (this.#stalled) return;
    const { promise: over, resolve: end } = Promise.withResolvers<void>();
    this.#stalled = { over, end };
  }

  flow(): void {
    this.#stalled?.end();
    this.#stalled = null;
  }

  answerLate(): void {
    for (const answer of this.#late.splice(0)) answer();
  }

  /** A request of this page, with what `requests` makes of it. */
  async ask(request: Request): Promise<Response> {
    const { requests } = this;
    if (requests === 'lost') throw new TypeError('The network is down.');
    const response = await this.#activity.during(this.#server(this.userId, request));
    if (requests === 'unanswered') throw new TypeError('The network went down.');
    // Unless answers come at once again by now.
    if (requests === this.requests && requests === 'late') {
      await new Promise<void>((resolve) => this.#late.push(resolve));
    }
    this.#activity.note();
    return response;
  }

  /** What an `EventSource` does. */
  async stream(source: PageEventSource): Promise<void> {
    const stream = new Stream(source, this.#activity);
    this.#stream = stream;
    try {
      const request = new Request(source.url);
      if (this.requests === 'lost') throw new TypeError('The network is down.');
      const response = await this.#activity.during(this.#server(this.userId, request));
      await stream.read(response, () => this.#stalled?.over);
    } catch {
      stream.break();
    }
  }
}

/** One response whose body is a stream of events, as far as a page reads it. */
class Stream {
  readonly #source: PageEventSource;
  readonly #activity: Activity;
  readonly #decoder = new TextDecoder();
  readonly #parser = createParser({
    onEvent: ({ event = 'message', data }) => this.#source.hear(event, data),
  });
  #reader: ReadableStreamDefaultReader<Uint8Array> | null = null;
  #breaksInNextPiece = false;

  constructor(source: PageEventSource, activity: Activity) {
    this.#source = source;
    this.#activity = activity;
    source.onClose = () => this.#leave();
  }

  async read({ ok, body }: Response, stalled: () => Promise<void> | undefined): Promise<void> {
    if (!ok || !body) throw new TypeError('No stream.');
    this.#reader = body.getReader();
    if (this.#source.closed) this.#leave();
    for (;;) {
      const { done, value } = await this.#reader.read();
      await stalled();
      this.#activity.note();
      if (this.#source.closed) return;
      if (done) throw new TypeError('The stream has ended.');
      const half = Math.floor(value.length / 2);
      this.#hear(value.subarray(0, half));
      if (this.#breaksInNextPiece) throw new TypeError('The connection broke.');
      this.#hear(value.subarray(half));
    }
  }

  breakInNextPiece(): void {
    this.#breaksInNextPiece = true;
  }

  break(): void {
    this.#leave();
    this.#source.fail();
  }

  #hear(piece: Uint8Array): void {
    this.#parser.feed(this.#decoder.decode(piece, { stream: true }));
  }

  /** The server is told that the client has gone. */
  #leave(): void {
    // Its stream may have ended before.
    this.#reader?.cancel().catch(() => {});
  }
}

/** The browser's `EventSource`, as far as the page can see it. A closed one is silent. */
class PageEventSource extends EventTarget {
  readonly url: string;
  closed = false;
  onClose: () => void = () => {};

  constructor(path: string) {
    super();
    this.url = `${ORIGIN}${path}`;
    void pageOf(new URL(this.url).searchParams.get('user')).stream(this);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.onClose();
  }

  hear(eventType: string, data: string): void {
    if (!this.closed) this.dispatchEvent(new MessageEvent(eventType, { data }));
  }

  fail(): void {
    if (!this.closed) this.dispatchEvent(new Event('error'));
  }
}

const ORIGIN = 'http://belfry.test';

function pageOf(key: string | null): Page {
  const page = pages.get(key ?? '');
  if (!page) throw new TypeError(`There is no page "${key}".`);
  return page;
}

/** Puts what pages need in the place of what Node has, until `vi.unstubAllGlobals`. Each page is alone in its browser. */
export function stubBrowser(): void {
  class PageDocument extends EventTarget {
    readonly visibilityState = 'visible';
    readonly hasFocus = () => true;
  }
  vi.stubGlobal('EventSource', PageEventSource);
  vi.stubGlobal('fetch', (path: string, { signal: _, ...init }: RequestInit) => {
    const request = new Request(`${ORIGIN}${path}`, init);
    return pageOf(request.headers.get('X-Belfry-User')).ask(request);
  });
  vi.stubGlobal('window', new EventTarget());
  vi.stubGlobal('document', new PageDocument());
  vi.stubGlobal('navigator', {});
  vi.stubGlobal('BroadcastChannel', undefined);
}

/** Closes all pages for good. */
export function closeAllPages(): void {
  for (const page of pages.values()) page.close();
  pages.clear();
}
