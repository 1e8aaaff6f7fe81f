/**
 * A view of the inbox beside the inbox itself: what is unread, done or put off, or a part of one of these. It is read page by
 * page, and kept exact by what the store is told: what comes to belong to it comes in, what no longer does leaves, at once
 * where it was done here.
 */
import type { ItemFilter } from '../protocol/item.ts';
import { type Place, parsePlace } from '../protocol/place.ts';
import { searchFor } from '../protocol/search.ts';
import { type Item, isExpired, isInView, isWithin, newestFirst } from './inbox-model.ts';
import type { InboxRequests } from './requests.ts';

/** What people see of a view. */
export interface ListView {
  /** Newest first. */
  items: readonly Item[];
  status: 'loading' | 'ready' | 'error';
  hasMore: boolean;
  loadingMore: boolean;
  /** Of what is done: the last *clear* that `undo` still takes back. */
  lastClear: { undo: string; at: string } | null;
}

/** The part of the inbox that is known already. */
export interface KnownPart {
  items: Iterable<Item>;
  end: Place | null;
  nextCursor: string | null;
}

export interface InboxListOptions {
  filter: ItemFilter;
  poll: InboxRequests['poll'];
  /** What of the inbox is at hand; `null`: nothing yet. */
  known: () => KnownPart | null;
  /** An item as its user left it, where the server has not stated that yet. The same one where they did nothing. */
  withPending: (item: Item) => Item;
  /** Whether it may be shown: whoever sits here may be somebody else by now. */
  isShown: () => boolean;
  /** A page has come, of which something may expire. */
  onRead: () => void;
}

/** What the client of an inbox has for its views. */
export interface ViewSource extends Omit<InboxListOptions, 'filter'> {
  /** Those that somebody follows: each is told of what the inbox is told of. */
  lists: Set<InboxList>;
}

/** A view as a page follows it. */
export interface FollowedList extends Pick<InboxList, 'view' | 'loadMore' | 'retry'> {
  /** Returns its own undo. */
  subscribe: (listener: () => void) => () => void;
}

/** What the server told of items. */
export interface Told {
  changed: readonly Item[];
  removed: readonly number[];
}

export const LOADING_LIST: ListView = {
  items: [],
  status: 'loading',
  hasMore: false,
  loadingMore: false,
  lastClear: null,
};
/** Of what nobody may see, or nobody is there to see. */
export const HIDDEN_LIST: ListView = { ...LOADING_LIST, status: 'error' };

// A screen full. With fewer, the next page is read at once.
const ENOUGH = 20;
const PAGE = 50;
const LARGEST_PAGE = 100;
// A search that finds nothing in so many pages goes on when it is asked to.
const MOST_ROUNDS = 20;
// Who had more than so many of the largest pages begins anew with these.
const MOST_REREAD = 5;

/** Another view of the inbox, or a part of it. It reads nothing until somebody subscribes. */
export function followList({ lists, ...source }: ViewSource, filter: ItemFilter): FollowedList {
  const list = new InboxList({ ...source, filter });
  return {
    view: () => list.view(),
    loadMore: () => list.loadMore(),
    retry: () => list.retry(),
    subscribe(listener) {
      lists.add(list);
      const unsubscribe = list.subscribe(listener);
      return () => {
        unsubscribe();
        if (!list.isFollowed()) lists.delete(list);
      };
    },
  };
}

/** One view on one page. It does nothing until somebody subscribes. */
export class InboxList {
  readonly #options: InboxListOptions;
  readonly #isFound: (item: Item) => boolean;
  readonly #subscribers = new Set<() => void>();
  readonly #items = new Map<number, Item>();
  /** The last place of what was read; `null`: all was. */
  #end: Place | null = null;
  #nextCursor: string | null = null;
  #isRead = false;
  #lastClear: ListView['lastClear'] = null;
  /** Why the last page could not be had. */
  #problem: unknown = null;
  #loading: Promise<void> | null = null;
  /** Told while a page was on its way. */
  #meanwhile: Told[] = [];
  /** Nothing was read for this view: it holds what the inbox has at hand, and no more. */
  #isKnownAlone = false;
  /** Counts how often it began anew: a page that was asked for before is of no use. */
  #beginning = 0;
  #isStale = false;
  #view: ListView | null = null;

  constructor(options: InboxListOptions) {
    this.#options = options;
    this.#isFound = searchFor(options.filter.q ?? '');
    this.#takeKnown();
  }

  /** The same object until something changes. */
  view(): ListView {
    this.#view ??= this.#currentView();
    return this.#view;
  }

  /** @param onChange What is shown has changed. */
  subscribe(onChange: () => void): () => void {
    this.#subscribers.add(onChange);
    if (this.#subscribers.size === 1) {
      // Meanwhile it was told of nothing.
      this.#isStale = this.#isRead && !this.#isKnownAlone;
      this.#begin();
    }
    return () => {
      this.#subscribers.delete(onChange);
    };
  }

  isFollowed(): boolean {
    return this.#subscribers.size > 0;
  }

  /** Adds the next older page. Twice at a time is once. Rejects with a `RequestError`. */
  async loadMore(): Promise<void> {
    if (this.#isStale || !this.#isRead) return this.#begin();
    if (this.#nextCursor === null) return;
    await this.#load(() => this.#readOn());
    if (this.#problem) throw this.#problem;
  }

  /** Reads again what could not be had. */
  retry(): void {
    if (this.#problem || this.#isStale) this.#begin();
  }

  /** The store was told of these. */
  tell(told: Told): void {
    if (this.#isStale) this.#begin();
    if (this.#loading) this.#meanwhile.push(told);
    this.#settle(told);
    if (this.#options.filter.view === 'done' && this.#isRead && !this.#loading) void this.#readHead();
    this.changed();
  }

  /** All that was known of the inbox was replaced: it is read anew, as far as it had been, and shown as it was meanwhile. */
  replaced(): void {
    this.#beginning += 1;
    this.#loading = null;
    this.#isStale = !this.#isKnownAlone;
    this.#begin();
  }

  /** When to call `expire` next, in milliseconds since 1970; `null`: nothing expires. */
  nextExpiry(): number | null {
    let next: number | null = null;
    for (const { expiresAt } of this.#items.values()) {
      if (expiresAt !== null) next = Math.min(next ?? Number.POSITIVE_INFINITY, Date.parse(expiresAt));
    }
    return next;
  }

  /** Takes out what has expired by the server's clock, in milliseconds since 1970. */
  expire(now: number): void {
    const gone = [...this.#items.values()].filter((item) => isExpired(item, now));
    for (const { id } of gone) this.#items.delete(id);
    if (gone.length > 0) this.changed();
  }

  /** Something outside that it shows has changed, such as what its user did. */
  changed(): void {
    this.#view = null;
    for (const subscriber of this.#subscribers) subscriber();
  }

  #begin(): void {
    if (!this.isFollowed() || this.#loading) return;
    if (this.#isStale) void this.#load(() => this.#readAnew());
    else if (this.#takeKnown()) {
      if (this.#items.size < ENOUGH && this.#nextCursor !== null) void this.#load(() => this.#readOn());
    } else void this.#load(() => this.#readAnew());
    this.changed();
  }

  /** Begins with what is known of the inbox, which is as good as a page of it. */
  #takeKnown(): boolean {
    const { filter, known } = this.#options;
    const { view = 'inbox' } = filter;
    const part = view === 'inbox' || view === 'unread' ? known() : null;
    if (!part) return false;
    this.#items.clear();
    this.#end = part.end;
    this.#nextCursor = part.nextCursor;
    this.#isRead = true;
    this.#isKnownAlone = true;
    this.#settle({ changed: [...part.items], removed: [] });
    return true;
  }

  #load(read: () => Promise<void>): Promise<void> {
    if (this.#loading) return this.#loading;
    this.#problem = null;
    this.#meanwhile = [];
    const loading = read()
      .catch((error: unknown) => {
        if (this.#loading === loading) this.#problem = error;
      })
      .finally(() => {
        if (this.#loading !== loading) return;
        this.#loading = null;
        this.changed();
      });
    this.#loading = loading;
    this.changed();
    return loading;
  }

  async #readAnew(): Promise<void> {
    const { filter, poll } = this.#options;
    const beginning = this.#beginning;
    const pages = Math.min(Math.ceil(this.#items.size / LARGEST_PAGE), MOST_REREAD);
    const limit = this.#items.size > PAGE ? LARGEST_PAGE : PAGE;
    const items: Item[] = [];
    let cursor: string | null = null;
    for (let read = 0; read < Math.max(pages, 1); read += 1) {
      const page = await poll(cursor, { filter, limit });
      if (beginning !== this.#beginning) return;
      items.push(...page.notifications);
      if (cursor === null) this.#lastClear = page.lastClear ?? null;
      cursor = page.nextCursor;
      if (cursor === null) break;
    }
    this.#items.clear();
    this.#end = null;
    this.#isRead = true;
    this.#isStale = false;
    this.#addPage(items, cursor);
    if (this.#items.size < ENOUGH) await this.#readOn();
  }

  async #readOn(): Promise<void> {
    const { filter, poll } = this.#options;
    const beginning = this.#beginning;
    const before = this.#items.size;
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      if (this.#nextCursor === null || this.#items.size >= before + ENOUGH) return;
      this.#meanwhile = [];
      const page = await poll(this.#nextCursor, { filter, limit: PAGE });
      if (beginning !== this.#beginning) return;
      this.#addPage(page.notifications, page.nextCursor);
      this.changed();
    }
  }

  #addPage(items: readonly Item[], nextCursor: string | null): void {
    this.#isKnownAlone = false;
    for (const item of items) this.#items.set(item.id, item);
    this.#nextCursor = nextCursor;
    this.#end = nextCursor === null ? null : parsePlace(nextCursor);
    // What was told since it was asked for may be newer. What is older will be told again.
    for (const told of this.#meanwhile) this.#settle(told);
    this.#meanwhile = [];
    this.#options.onRead();
  }

  /** Which *clear* can be undone is told with the first page alone. */
  async #readHead(): Promise<void> {
    const { filter, poll } = this.#options;
    const beginning = this.#beginning;
    const { lastClear = null } = await poll(null, { filter, limit: 1 }).catch(() => ({
      lastClear: this.#lastClear,
    }));
    if (beginning !== this.#beginning) return;
    this.#lastClear = lastClear;
    this.changed();
  }

  #settle({ changed, removed }: Told): void {
    if (!this.#isRead) return;
    for (const item of changed) {
      if (this.#holds(item) && isWithin(item, this.#end)) this.#items.set(item.id, item);
      else this.#items.delete(item.id);
    }
    for (const id of removed) this.#items.delete(id);
  }

  #holds(item: Item): boolean {
    const { view = 'inbox', category, priorities, group } = this.#options.filter;
    return (
      isInView(item, view) &&
      (category === undefined || item.category === category) &&
      (priorities === undefined || priorities.includes(item.priority)) &&
      (group === undefined || item.groupKey === group) &&
      this.#isFound(item)
    );
  }

  #currentView(): ListView {
    const { filter, isShown, withPending } = this.#options;
    if (!isShown()) return HIDDEN_LIST;
    const items: Item[] = [];
    for (const stated of this.#items.values()) {
      const item = withPending(stated);
      if (item === stated || isInView(item, filter.view ?? 'inbox')) items.push(item);
    }
    const isLoading = this.#loading !== null;
    // A search that has not found anything yet is still on its way.
    const isReady = this.#isRead && (items.length > 0 || !isLoading);
    return {
      items: items.sort(newestFirst),
      status: isReady ? 'ready' : this.#problem ? 'error' : 'loading',
      hasMore: this.#isRead && this.#nextCursor !== null,
      loadingMore: isLoading && this.#isRead,
      lastClear: this.#lastClear,
    };
  }
}
