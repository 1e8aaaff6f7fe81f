/**
 * A client that keeps the protocol as components/notifications does, without a browser: its state is
 * that code's own set keyed by id; a stream that ends is made anew, after the pause that the server
 * asked for or after a growing one; what a backlog leaves out is read page by page.
 *
 * Beside that it counts what a person would notice: which ids were announced, and whether any was
 * announced twice.
 */
import { type ClientRequest, request } from 'node:http';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import {
  addEvent,
  applyBacklog,
  applyFrame,
  applyPage,
  EMPTY_INBOX,
  type InboxFrame,
  type InboxState,
  type NotificationEvent,
  type PollAnswer,
} from '../../components/notifications/inbox-state.ts';
import type { App } from './belfry.ts';

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;
const SILENCE_MS = 45_000;
// Nobody could read it in that time, and it covers what a frame needs to get here.
const TOO_SHORT_TO_SHOW_MS = 100;

export interface ClientOptions {
  belfry: App;
  userId: number;
  eventTypes?: string;
  /** Called when a person would be shown it: not expired, and for the first time as far as the set knows. */
  onAnnounced?: (event: NotificationEvent) => void;
}

export class Client {
  readonly #options: ClientOptions;
  #cookie: string | null = null;
  #state: InboxState = EMPTY_INBOX;
  #request: ClientRequest | null = null;
  #retryTimer: NodeJS.Timeout | undefined;
  #silenceTimer: NodeJS.Timeout | undefined;
  #failures = 0;
  #closed = false;
  #isOpen = false;
  /** Ids that this connection has carried. */
  #carried = new Set<number>();
  #backlog: NotificationEvent[] = [];
  /** The frame that the stream began with. */
  #start: InboxFrame | null = null;
  #knownThroughId: number | null = null;
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
  }

  /** Opens the stream and keeps it open. Resolves when the first try is under way. */
  async start(): Promise<this> {
    this.#cookie = await this.#options.belfry.cookieOf(this.#options.userId);
    this.#open();
    return this;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** The ids that this client would show in its inbox. */
  get known(): ReadonlyMap<number, NotificationEvent> {
    return this.#state.events;
  }

  get unreadTotal(): number {
    return this.#state.totals?.unreadTotal ?? 0;
  }

  /** Stops reading, so that what is sent waits on its way; `resume` reads on. */
  pause(): void {
    this.#request?.socket?.pause();
  }

  resume(): void {
    this.#request?.socket?.resume();
  }

  /** Reads every page of poll, as somebody does who scrolls to the end. */
  async readAllPages(): Promise<void> {
    let cursor: number | null = null;
    do {
      const query: string = cursor === null ? '' : `&cursor=${cursor}`;
      const { status, text } = await this.#options.belfry.ask(`/notifications/poll?limit=100${query}`, {
        headers: { Cookie: this.#cookie ?? '' },
      });
      if (status !== 200) throw new Error(`Poll was answered with ${status}: ${text}`);
      const page = JSON.parse(text) as PollAnswer;
      this.#state = applyPage(this.#state, page, cursor);
      cursor = page.nextCursor;
    } while (cursor !== null);
  }

  close(): void {
    this.#closed = true;
    this.#drop();
  }

  #open(): void {
    this.#drop();
    if (this.#closed) return;
    const { belfry, eventTypes = 'SystemNotification' } = this.#options;
    const outgoing = request(`${belfry.url}/sse/${eventTypes}`, {
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
    if (name === 'heartbeat') this.heartbeats.push(performance.now());
    else if (name === 'inbox') this.#onInbox(JSON.parse(data) as InboxFrame);
    else if (name === 'reconnect') {
      const { afterMs } = JSON.parse(data) as { afterMs: number };
      this.comeBackMs.push(afterMs);
      this.#reopenLater(afterMs);
    } else this.#onNotification(JSON.parse(data) as NotificationEvent);
  }

  #onInbox(frame: InboxFrame): void {
    this.#hearServerClock(frame.readAt);
    if (frame.backlog !== undefined) {
      this.#knownThroughId = this.#state.totals?.asOf ?? null;
      this.#backlog = [];
      this.#start = frame;
    }
    this.#state = applyFrame(this.#state, frame);
    if (frame.backlog === 0) this.#endBacklog(frame);
  }

  #onNotification(event: NotificationEvent): void {
    if (this.#carried.has(event.id)) this.carriedTwice += 1;
    this.#carried.add(event.id);
    const start = this.#start;
    const backlogSize = start?.backlog ?? 0;
    if (start && event.isRecovered && this.#backlog.length < backlogSize) {
      this.#backlog.push(event);
      if (this.#backlog.length === backlogSize) this.#endBacklog(start);
      return;
    }
    this.#hearServerClock(event.createdAt);
    const serverThen = Date.now() - this.#clockAheadMs + TOO_SHORT_TO_SHOW_MS;
    if (event.expiresAt !== null && Date.parse(event.expiresAt) <= serverThen) {
      this.arrivedExpired += 1;
      return;
    }
    const before = this.#state;
    this.#state = addEvent(before, event);
    if (this.#state !== before) this.#announce(event);
  }

  /** A frame is never younger than the time that stands in it. */
  #hearServerClock(time: string): void {
    this.#clockAheadMs = Math.min(this.#clockAheadMs, Date.now() - Date.parse(time));
  }

  #endBacklog(frame: InboxFrame): void {
    const { events, tombstones } = this.#state;
    const through = this.#knownThroughId;
    const isNews = ({ id }: NotificationEvent) =>
      through !== null && id > through && !events.has(id) && !tombstones.has(id);
    const news = this.#backlog.filter(isNews);
    this.#state = applyBacklog(this.#state, frame, this.#backlog);
    for (const event of news) this.#announce(event);
  }

  #announce(event: NotificationEvent): void {
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

// As components/notifications/event-connection.ts does it.
function backOff(failures: number): number {
  const longest = Math.min(FIRST_RETRY_MS * 2 ** failures, LONGEST_RETRY_MS);
  return longest / 2 + Math.random() * (longest / 2);
}
