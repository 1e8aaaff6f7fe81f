/**
 * A client that keeps the protocol as a page does, without a browser: it keeps what it knows in the page's own
 * store; a stream that ends is made anew from where it was, after the pause that the server asked for or after
 * a growing one; what a snapshot leaves out is read page by page.
 *
 * Beside that it counts what a person would notice: which ids were announced, and whether any was
 * announced twice.
 */
import { type ClientRequest, request } from 'node:http';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import type { Item, Look } from '../../lib/belfry/client/inbox-model.ts';
import { InboxStore } from '../../lib/belfry/client/inbox-store.ts';
import { RequestError } from '../../lib/belfry/client/requests.ts';
import type { Heartbeat, InboxFrame, ItemJson } from '../../lib/belfry/protocol/item.ts';
import type { App } from './belfry.ts';

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;
const SILENCE_MS = 45_000;
// The stream mostly brings it sooner.
const CATCH_UP_AFTER_MS = 500;
// Nobody could read it in that time, and it covers what a frame needs to get here.
const TOO_SHORT_TO_SHOW_MS = 100;

export interface ClientOptions {
  belfry: App;
  userId: number;
  eventTypes?: string;
  /** False: it can hold no stream, and reads when it is told to, by `readAllPages`. */
  hasStream?: boolean;
  /** Called when a person would be shown it: not expired, and for the first time as far as the set knows. */
  onAnnounced?: (event: ItemJson) => void;
  /** Called with every item that a stream brings, as often as it does. */
  onItem?: (item: ItemJson) => void;
}

export class Client {
  readonly #options: ClientOptions;
  #cookie: string | null = null;
  #request: ClientRequest | null = null;
  #retryTimer: NodeJS.Timeout | undefined;
  #silenceTimer: NodeJS.Timeout | undefined;
  #failures = 0;
  #closed = false;
  #isOpen = false;
  /** Ids that this connection has carried. */
  #carried = new Set<number>();
  readonly #store: InboxStore;
  /** What the present stream was asked to go on from. */
  #since: string | null = null;
  #hasBegun = false;
  #refreshTimer: NodeJS.Timeout | undefined;
  /** How far this clock is ahead of the server's, at most: the least that any frame has told. */
  #clockAheadMs = Number.POSITIVE_INFINITY;
  /** Every id that was ever announced. */
  readonly announced = new Set<number>();
  /** Announcements of an id that had been announced before. */
  announcedTwice = 0;
  /** Frames of an id that the same connection had carried before. */
  carriedTwice = 0;
  /** Live frames that arrived too late to be shown, by the server's clock. */
  arrivedExpired = 0;
  /** The pauses that the server asked for. */
  readonly comeBackMs: number[] = [];
  /** Connections that began, by `performance.now()`. */
  readonly openedAt: number[] = [];
  /** Heartbeats, by `performance.now()`. */
  readonly heartbeats: number[] = [];

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#store = new InboxStore({
      requests: {
        poll: (cursor) => this.#ask(`/notifications/poll${cursor === null ? '' : `?cursor=${cursor}`}`),
        changes: (since) => this.#ask(`/notifications/changes?since=${encodeURIComponent(since)}`),
        change: () => Promise.reject(new Error('Nobody changes anything here.')),
        undo: () => Promise.reject(new Error('Nobody changes anything here.')),
      },
      now: () => Date.now() - this.#clockAheadMs,
      translate: (key) => key,
      onChange: () => {},
      onNews: (items) => {
        for (const item of items) this.#announce(item);
      },
      onBehind: () => {
        clearTimeout(this.#refreshTimer);
        this.#refreshTimer = setTimeout(() => this.#store.refresh().catch(() => {}), CATCH_UP_AFTER_MS);
      },
    });
  }

  /** Opens the stream and keeps it open. Resolves when the first try is under way. */
  async start(): Promise<this> {
    this.#cookie = await this.#options.belfry.cookieOf(this.#options.userId);
    if (this.#options.hasStream ?? true) this.#open();
    return this;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** What this client would show in its inbox, by id. */
  get known(): ReadonlyMap<number, Item> {
    return new Map(this.#store.look()?.items.map((item) => [item.id, item]));
  }

  /** What it shows altogether; `null` before anything has come. */
  get look(): Look | null {
    return this.#store.look();
  }

  /** The position that it would go on from; `null` before anything has come. */
  get position(): string | null {
    return this.#store.position();
  }

  get unreadTotal(): number {
    return this.#store.look()?.totals.unread ?? 0;
  }

  /** Stops reading, so that what is sent waits on its way; `resume` reads on. */
  pause(): void {
    this.#request?.socket?.pause();
  }

  resume(): void {
    this.#request?.socket?.resume();
  }

  /** Somebody looks at the page again: a stream that is down is not waited for any longer. */
  lookAgain(): void {
    if (this.#request === null && (this.#options.hasStream ?? true)) this.#open();
  }

  /** Reads every page, as somebody does who scrolls to the end. */
  async readAllPages(): Promise<void> {
    await this.#store.refresh();
    while (this.#store.hasMore()) await this.#store.loadMore();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#refreshTimer);
    this.#drop();
  }

  #open(): void {
    this.#drop();
    if (this.#closed) return;
    const { belfry, eventTypes = 'SystemNotification' } = this.#options;
    this.#since = this.#store.position();
    this.#hasBegun = false;
    const query = this.#since === null ? '' : `?since=${encodeURIComponent(this.#since)}`;
    const outgoing = request(`${belfry.url}/sse/${eventTypes}${query}`, {
      agent: false,
      headers: { Cookie: this.#cookie ?? '', Accept: 'text/event-stream' },
    });
    this.#request = outgoing;
    // What a dropped connection still says concerns nobody.
    const ifCurrent =
      <Given extends unknown[]>(work: (...given: Given) => void) =>
      (...given: Given) => {
        if (this.#request === outgoing) work(...given);
      };
    const lost = ifCurrent(() => this.#reopenLater());
    outgoing.on('error', lost);
    outgoing.on(
      'response',
      ifCurrent((incoming) => {
        if (incoming.statusCode !== 200) {
          incoming.resume();
          lost();
          return;
        }
        this.#carried = new Set();
        this.#failures = 0;
        this.#isOpen = true;
        this.openedAt.push(performance.now());
        const parser = createParser({ onEvent: ifCurrent((message) => this.#receive(message)) });
        incoming.setEncoding('utf8').on('data', (text: string) => parser.feed(text));
        incoming.on('error', lost);
        incoming.on('close', lost);
      }),
    );
    outgoing.end();
    this.#hear();
  }

  #drop(): void {
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#silenceTimer);
    const dropped = this.#request;
    this.#request = null;
    this.#isOpen = false;
    this.#store.breakStream();
    dropped?.destroy();
  }

  #reopenLater(afterMs = backOff(this.#failures)): void {
    this.#drop();
    this.#failures += 1;
    if (!this.#closed) this.#retryTimer = setTimeout(() => this.#open(), afterMs);
  }

  #hear(): void {
    clearTimeout(this.#silenceTimer);
    this.#silenceTimer = setTimeout(() => this.#open(), SILENCE_MS);
  }

  #receive({ event: name, data }: EventSourceMessage): void {
    this.#hear();
    if (name === 'heartbeat') {
      this.heartbeats.push(performance.now());
      this.#store.receiveHeartbeat(JSON.parse(data) as Heartbeat);
    } else if (name === 'inbox') this.#onInbox(JSON.parse(data) as InboxFrame);
    else if (name === 'reconnect') {
      const { afterMs } = JSON.parse(data) as { afterMs: number };
      this.comeBackMs.push(afterMs);
      this.#reopenLater(afterMs);
    } else this.#onNotification(JSON.parse(data) as ItemJson);
  }

  #onInbox(frame: InboxFrame): void {
    this.#hearServerClock(frame.readAt);
    if (frame.kind === 'changes') for (const item of frame.changed) this.#options.onItem?.(item);
    if (this.#hasBegun) this.#store.receiveFrame(frame);
    else this.#store.receiveFrame(frame, this.#since);
    this.#hasBegun = true;
  }

  #onNotification(event: ItemJson): void {
    if (this.#carried.has(event.id)) this.carriedTwice += 1;
    this.#carried.add(event.id);
    this.#options.onItem?.(event);
    if (!event.isRecovered) {
      this.#hearServerClock(event.createdAt);
      const serverThen = Date.now() - this.#clockAheadMs + TOO_SHORT_TO_SHOW_MS;
      if (event.expiresAt !== null && Date.parse(event.expiresAt) <= serverThen) {
        this.arrivedExpired += 1;
        return;
      }
    }
    this.#store.receiveItems([event]);
  }

  /** A frame is never younger than the time that stands in it. */
  #hearServerClock(time: string): void {
    this.#clockAheadMs = Math.min(this.#clockAheadMs, Date.now() - Date.parse(time));
  }

  async #ask<Answer extends { readAt: string }>(path: string): Promise<Answer> {
    const { belfry } = this.#options;
    const { status, text } = await belfry.ask(path, { headers: { Cookie: this.#cookie ?? '' } });
    if (status !== 200) throw new RequestError(status, `${path} was answered with ${status}: ${text}`);
    const answer = JSON.parse(text) as Answer;
    this.#hearServerClock(answer.readAt);
    return answer;
  }

  #announce(event: ItemJson): void {
    if (this.announced.has(event.id)) this.announcedTwice += 1;
    this.announced.add(event.id);
    this.#options.onAnnounced?.(event);
  }
}

/** Opens one client for each user. */
export function openClients(
  belfry: App,
  userIds: readonly number[],
  options: Omit<ClientOptions, 'belfry' | 'userId'> = {},
): Promise<Client[]> {
  return Promise.all(userIds.map((userId) => new Client({ ...options, belfry, userId }).start()));
}

// As lib/belfry/client/connection.ts does it.
function backOff(failures: number): number {
  const longest = Math.min(FIRST_RETRY_MS * 2 ** failures, LONGEST_RETRY_MS);
  return longest / 2 + Math.random() * (longest / 2);
}
