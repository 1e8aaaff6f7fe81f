/**
 * One user's inbox in one browser tab: what the server stated (inbox-model.ts), and over it what the user did
 * here until the server has stated that as well. The stream feeds it, and `refresh` asks for what the stream did
 * not bring. Nothing here knows of time, tabs or React.
 */
import { formatState, type InboxState } from '../protocol/inbox-state.ts';
import type { ChangeAnswer, InboxChanges, InboxFrame, InboxPage, Summary } from '../protocol/item.ts';
import type { KnownPart, Told } from './inbox-list.ts';
import {
  addPage,
  advance,
  arrive,
  type Base,
  type Change,
  compare,
  expire,
  extend,
  type Item,
  isUnread,
  type Look,
  look,
  nextExpiry,
  positionOf,
  type SettingsPosition,
  snapshot,
  withChanges,
} from './inbox-model.ts';
import { type InboxRequests, RequestError } from './requests.ts';
import type { TranslateClient } from './translate-client.ts';

export interface InboxStoreOptions {
  requests: Pick<InboxRequests, 'poll' | 'changes' | 'change' | 'undo'>;
  /** Milliseconds since 1970, by the server's clock. */
  now: () => number;
  translate: TranslateClient;
  /** What is shown has changed. */
  onChange: () => void;
  /**
   * Came after this page had its first items: live, or missed meanwhile.
   *
   * @param count How many altogether, when not all of them are at hand.
   */
  onNews: (items: readonly Item[], count: number) => void;
  /** The server told of these items, whichever view they belong to. */
  onTold?: (told: Told) => void;
  /** What was known has been replaced by a first page. */
  onReplaced?: () => void;
  /** What its user did, and the server has not stated yet, is not the same any more. */
  onPending?: () => void;
  /** Whether what arrives live, and tells nothing of one person, came while it was muted: it is read then. Default: none is. */
  isMuted?: (item: Item) => boolean;
  /** The server is known to be ahead of what is shown: `refresh`, unless the stream brings it soon. */
  onBehind: () => void;
}

/** A change that the user made, and where the server stands with it. */
interface PendingChange {
  change: Change;
  /** The position that the server answered; `null`: it has not yet. */
  answered: InboxState | null;
}

interface Collection {
  frame: Extract<InboxFrame, { kind: 'snapshot' }>;
  items: Map<number, Item>;
}

// So many times a page or changes are asked for anew because something else was faster.
const MOST_ROUNDS = 100;
// Some 50 KB.
const MOST_NEWS = 1_000;
// A transaction may last minutes: what was sent in one is news all the same.
const OLD_MS = 10 * 60_000;

export class InboxStore {
  readonly #options: InboxStoreOptions;
  #base: Base | null = null;
  #pending: readonly PendingChange[] = [];
  /** A snapshot of the stream whose items are still to come. */
  #collection: Collection | null = null;
  /** Arrived live while there was nothing to add them to. */
  #early: Item[] = [];
  /** A position that the server told of, and that was not reached when it did. */
  #owed: InboxState | null = null;
  /** What has changed does not tell all of it: the first page has to be read anew. */
  #isStale = false;
  /** Whether nothing is missing between `#base` and what the stream brings next. */
  #isContinuous = false;
  /** Counts the streams, so that an answer knows whether it was asked for on the present one. */
  #stream = 0;
  /** What was known when the present stream was asked for. */
  #atBreak: Base | null = null;
  /**
   * An answer was of another history than what came before it. Until the stream tells of that history as well, it may
   * be an old one, of which something was still on its way.
   */
  #isStreamDoubtful = false;
  /** Counts what came live, also what was known already by its id, which is another item's in another history. */
  #arrivals = 0;
  /** The stream brought something that was not taken. */
  #hasMissed = false;
  /** What was news here, the last of it, and when it is again, by the server's clock: what was put off comes back as new. */
  readonly #news = new Map<string, number>();
  #refreshing: Promise<void> | null = null;
  #look: Look | null = null;

  constructor(options: InboxStoreOptions) {
    this.#options = options;
  }

  /** The position to resume at; `null`: nothing is known yet. */
  position(): string | null {
    return this.#base && formatState(this.#base.at);
  }

  /** Which change of the settings the server told of last; `null`: nothing is known yet. */
  settings(): SettingsPosition | null {
    return this.#base?.settings ?? null;
  }

  /** What people see; `null` until the server has stated something. The same object until that changes. */
  look(): Look | null {
    if (this.#base && !this.#look) {
      const changes = this.#pending.map(({ change }) => change);
      this.#look = look(this.#base, changes, new Date(this.#options.now()).toISOString());
    }
    return this.#look;
  }

  /** What of the inbox is at hand, as the server stated it or sent it live; `null`: nothing yet. */
  known(): KnownPart | null {
    if (!this.#base) return null;
    const { items, extras, end, nextCursor } = this.#base;
    return { items: [...items.values(), ...extras.values()], end, nextCursor };
  }

  /** An item as its user left it, where the server has not stated that yet. The same one where they did nothing. */
  withPending(item: Item): Item {
    if (this.#pending.length === 0) return item;
    const changes = this.#pending.map(({ change }) => change);
    return withChanges(item, changes, new Date(this.#options.now()).toISOString());
  }

  hasMore(): boolean {
    return this.#base !== null && this.#base.nextCursor !== null;
  }

  /** When to call `expire` next, by the server's clock; `null`: nothing expires. */
  nextExpiry(): number | null {
    return this.#base && nextExpiry(this.#base);
  }

  /** Whether the inbox is there, and nothing of a snapshot is still to come. */
  isWhole(): boolean {
    return this.#base !== null && this.#collection === null;
  }

  /** Whether the server told of a position that is not reached yet, or something is in doubt. */
  isBehind(): boolean {
    if (this.#isStale || this.#hasMissed || this.#base?.isCountDue) return true;
    return this.#owed !== null && (!this.#base || compare(this.#base.at, this.#owed) !== 'ahead');
  }

  /** The stream has ended, or this tab joins one in the middle: from here on something may be missing. */
  breakStream(): void {
    this.#isStreamDoubtful = false;
    this.#interrupt();
  }

  /**
   * The control event `inbox`.
   *
   * @param since Of the first frame of a stream: the position that it was asked to resume at; `null`: none.
   */
  receiveFrame(frame: InboxFrame, since?: string | null): void {
    this.#collection = null;
    if (!this.#isTrusted(positionOf(frame))) {
      this.#miss(frame);
      return;
    }
    if (frame.kind === 'snapshot') {
      this.#collection = { frame, items: new Map() };
      this.#finishCollection();
      return;
    }
    const isFirst = since !== undefined;
    const from = since ? positionOf({ state: since }) : null;
    const isNext = isFirst ? from !== null && this.#hasReached(from) : this.#isContinuous;
    // What ends at a position that is reached leaves nothing out either, wherever it began.
    const isTaken =
      (isNext || this.#hasReached(positionOf(frame))) &&
      this.#extend(frame, isFirst ? this.#atBreak : null, from);
    if (isTaken) this.#isContinuous = true;
    else this.#miss(frame);
  }

  /** Stored events of the stream: live ones, and those that a snapshot is made of. */
  receiveItems(items: readonly Item[]): void {
    const live: Item[] = [];
    for (const item of items) {
      if (!item.isRecovered) live.push(this.#asArrived(item));
      else if (this.#collection) {
        this.#collection.items.set(item.id, item);
        this.#finishCollection();
      }
    }
    if (live.length === 0) return;
    this.#arrivals += live.length;
    if (this.#isStreamDoubtful) {
      this.#interrupt();
      this.#hasMissed = true;
      this.#options.onBehind();
      return;
    }
    if (!this.#base || this.#collection) this.#early.push(...live);
    else this.#take(arrive(this.#base, live), { told: { changed: live, removed: [] } });
  }

  #asArrived(item: Item): Item {
    const { createdAt } = item;
    // What was read was seen, as the server has it too.
    return this.#options.isMuted?.(item) ? { ...item, seenAt: createdAt, readAt: createdAt } : item;
  }

  /** All events up to this one have come. Does nothing while something may be missing. */
  receiveHeartbeat({ history, eventId }: Pick<InboxState, 'history' | 'eventId'>): void {
    if (!this.#isTrusted({ history }) || !this.#base || !this.#isContinuous || this.#collection) return;
    this.#take(advance(this.#base, history, eventId));
  }

  /** What is known may no longer be all there is, though no change would tell: the next `refresh` replaces it. */
  doubt(): void {
    this.#isStale = this.#base !== null;
    // A snapshot that is still coming was read before as well.
    if (this.#collection) this.#miss(this.#collection.frame);
  }

  /** Takes out what has expired. */
  expire(): void {
    if (this.#base) this.#take(expire(this.#base, this.#options.now()));
  }

  /** Another tab of this user, or an answer, tells of a position. */
  reach(state: string): void {
    this.#owe(positionOf({ state }));
  }

  /**
   * Asks the server for what is missing. Twice at a time is once. Rejects with a `RequestError` when it cannot be
   * had; then nothing has changed.
   */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  /** Brings the next older page into the list. Rejects with a sentence. */
  async loadMore(): Promise<void> {
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const cursor = this.#base?.nextCursor ?? null;
      if (cursor === null) return;
      const page = await this.#options.requests.poll(cursor);
      const base = this.#base;
      // What was read before a change that is stated here would bring back what that took away.
      if (!base || base.nextCursor !== cursor) continue;
      const at = positionOf(page);
      const order = compare(at, base.at);
      // What its user changed meanwhile may never be stated, if the database is put back: it is not to be half of a list.
      const isPremature = order === 'ahead' && at.revision > base.at.revision;
      if (order === 'foreign' || isPremature) await this.refresh();
      if (order !== 'ahead' || isPremature) continue;
      this.#owe(at);
      this.#take(addPage(base, page.notifications, page.nextCursor), { isNews: false });
      return;
    }
    throw this.#overtaken();
  }

  /** Shows a change at once. Takes it back, and rejects with a sentence, when the server refuses it. */
  async change(change: Change): Promise<ChangeAnswer> {
    const mine: PendingChange = { change, answered: null };
    this.#setPending([...this.#pending, mine]);
    try {
      const answer = await this.#options.requests.change(change);
      const answered = positionOf(answer);
      this.#setPending(this.#pending.map((each) => (each === mine ? { change, answered } : each)));
      this.#owe(answered);
      this.#dropStated();
      return answer;
    } catch (error) {
      this.#setPending(this.#pending.filter((each) => each !== mine));
      throw error;
    }
  }

  /** Takes back what an `undo` token stands for. It shows when the server has stated it. */
  async undo(token: string): Promise<ChangeAnswer> {
    const answer = await this.#options.requests.undo(token);
    this.#owe(positionOf(answer));
    return answer;
  }

  async #refresh(): Promise<void> {
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const stream = this.#stream;
      const asked = this.#base;
      const arrivals = this.#arrivals;
      const answer = await this.#ask(asked);
      const history = this.#base?.at.history;
      // A new history began meanwhile: what was asked for in the old one tells nothing of it.
      if (history !== asked?.at.history && history !== positionOf(answer).history) continue;
      if (!this.#takeAnswer(answer, asked, arrivals)) continue;
      if ('hasMore' in answer && answer.hasMore) continue;
      // Asked for on this stream, so that nothing is missing between the answer and what came since.
      if (stream !== this.#stream) continue;
      this.#isContinuous = true;
      this.#hasMissed = false;
      // Whatever was told of another history: this is what the server says now.
      if (this.#owed && this.#owed.history !== this.#base?.at.history) this.#owed = null;
      return;
    }
    throw this.#overtaken();
  }

  #overtaken(): RequestError {
    return new RequestError(409, this.#options.translate('belfry.client.overtaken'));
  }

  async #ask(base: Base | null): Promise<InboxPage | InboxChanges> {
    const { requests } = this.#options;
    if (!base || this.#isStale) return requests.poll(null);
    try {
      return await requests.changes(formatState(base.at));
    } catch (error) {
      if (error instanceof RequestError && error.status === 409) return requests.poll(null);
      throw error;
    }
  }

  /**
   * False: it neither extends nor replaces what has come to be known meanwhile, or not all of it.
   *
   * @param asked What was known when it was asked for.
   * @param arrivals How much had come live then.
   */
  #takeAnswer(answer: InboxPage | InboxChanges, asked: Base | null, arrivals: number): boolean {
    const before = this.#base;
    const isTaken =
      'changed' in answer ? this.#extend(answer, asked, asked?.at ?? null) : this.#replacePage(answer);
    if (!before || before.at.history === this.#base?.at.history) return isTaken;
    this.#isStreamDoubtful = true;
    // A page of another history replaced also what came while it was on its way, which it may have been read before.
    return isTaken && ('changed' in answer || (before === asked && arrivals === this.#arrivals));
  }

  #replacePage(page: InboxPage): boolean {
    const { notifications, pinned, nextCursor } = page;
    const pins = pinned.map(({ id }) => id);
    return this.#replace(page, [...notifications, ...pinned], pins, nextCursor);
  }

  /** Whether what the stream says can be of now, by the history that it names. */
  #isTrusted({ history }: Pick<InboxState, 'history'>): boolean {
    if (history === this.#base?.at.history) this.#isStreamDoubtful = false;
    return !this.#isStreamDoubtful;
  }

  #finishCollection(): void {
    if (!this.#collection || this.#collection.items.size < this.#collection.frame.count) return;
    const { frame, items } = this.#collection;
    this.#collection = null;
    const isTaken = this.#replace(frame, [...items.values()], frame.pinned, frame.nextCursor);
    if (isTaken) this.#isContinuous = true;
    else this.#miss(frame);
  }

  #replace(summary: Summary, items: Item[], pins: readonly number[], nextCursor: string | null): boolean {
    const order = this.#base ? compare(positionOf(summary), this.#base.at) : 'ahead';
    const isDoubted = this.#isStale || this.#base?.isCountDue;
    if (order === 'apart' || (order === 'behind' && isDoubted)) return false;
    // When something has been faster, that holds all of it.
    if (order !== 'behind') {
      this.#isStale = false;
      this.#take(snapshot(this.#base, summary, items, pins, nextCursor), { isPart: true });
      this.#options.onReplaced?.();
    }
    return true;
  }

  /**
   * @param asked What was known when these were asked for; `null`: they were told along with live events.
   * @param from The position that they begin at, when it was named.
   */
  #extend(changes: Parameters<typeof extend>[1], asked: Base | null, from: InboxState | null): boolean {
    if (!this.#base) return false;
    const at = positionOf(changes);
    const { history } = this.#base.at;
    // By telling what changed since then the server says that its history goes on from there, whatever it is called now:
    // each start of a server gives it another name. It says nothing of what came to be known after that.
    if (at.history !== history && (!from || formatState(from) !== this.position())) return false;
    const order = compare({ ...at, history }, this.#base.at);
    const next = order === 'ahead' ? extend(this.#base, changes, asked) : this.#base;
    if (order === 'ahead') {
      this.#take(next, { told: toldBy(changes, this.#base, next) });
      for (const item of changes.changed) {
        if (item.snoozedUntil !== null && this.#news.has(newsName(item))) {
          this.#news.set(newsName(item), Date.parse(item.snoozedUntil));
        }
      }
    }
    // No position tells of what has expired: totals that were read before it do not answer what was asked.
    if (asked && next.isCountDue) return false;
    return order === 'ahead' || order === 'behind';
  }

  #hasReached(position: InboxState): boolean {
    return this.#base !== null && compare(this.#base.at, position) === 'ahead';
  }

  /**
   * Takes what is stated, and tells what of it is news.
   *
   * @param options.isPart It may leave out some of what came: the totals tell how many.
   * @param options.told The items that it is told by. Default: none that were not known.
   */
  #take(
    stated: Base,
    { isNews = true, isPart = false, told }: { isNews?: boolean; isPart?: boolean; told?: Told } = {},
  ): void {
    const before = this.#base;
    const shownBefore = this.look();
    const next = this.#early.length > 0 ? arrive(stated, this.#early) : stated;
    this.#early = [];
    if (next === before) return;
    this.#base = next;
    this.#look = null;
    if (told) this.#options.onTold?.(told);
    this.#dropStated();
    this.#options.onChange();
    const look = this.look();
    if (!look) return;
    const { items, totals } = look;
    // What waited before the page was opened is in the bell, and needs no toast.
    if (!before || !shownBefore || !isNews) {
      for (const item of items) if (item.orderId > next.at.eventId) this.#wasNews(item);
      return;
    }
    const news = items.filter(
      (item) => isUnread(item) && isAfter(item, before, next) && !this.#wasNews(item),
    );
    const more = isPart ? totals.unread - shownBefore.totals.unread : 0;
    if (news.length > 0) this.#options.onNews(news, Math.max(news.length, more));
  }

  /** Also what was gone for a while, as when a database is put back that had not published it yet, is news once. */
  #wasNews(item: Item): boolean {
    const name = newsName(item);
    const isNewsAt = this.#news.get(name) ?? Number.NEGATIVE_INFINITY;
    if (this.#base && this.#base.readAt < isNewsAt) return true;
    this.#news.set(name, Number.POSITIVE_INFINITY);
    if (this.#news.size > MOST_NEWS) this.#news.delete(this.#news.keys().next().value as string);
    return false;
  }

  #setPending(pending: readonly PendingChange[]): void {
    this.#pending = pending;
    this.#look = null;
    this.#options.onPending?.();
    this.#options.onChange();
  }

  /** A change that the server has stated needs no layer any more, nor one that another history knows nothing of. */
  #dropStated(): void {
    const at = this.#base?.at;
    const left = this.#pending.filter(
      ({ answered }) =>
        !answered || (at && at.history === answered.history && at.revision < answered.revision),
    );
    if (left.length < this.#pending.length) this.#setPending(left);
  }

  /** What the stream says next does not go on from what is known: that has to be asked for, from now on. */
  #miss(frame: InboxFrame): void {
    this.#interrupt();
    this.#owe(positionOf(frame));
  }

  #interrupt(): void {
    this.#stream += 1;
    this.#isContinuous = false;
    this.#collection = null;
    // What the next stream begins with, or the next answer, holds them, unless they are gone.
    this.#early = [];
    this.#atBreak = this.#base;
  }

  #owe(state: InboxState): void {
    const owed = this.#owed;
    this.#owed =
      owed && owed.history === state.history
        ? {
            history: state.history,
            eventId: Math.max(owed.eventId, state.eventId),
            revision: Math.max(owed.revision, state.revision),
          }
        : state;
    if (this.isBehind()) this.#options.onBehind();
  }
}

/** What had come live and turned out to be gone is told by nothing but its absence. */
function toldBy(
  { changed, removed }: Pick<InboxChanges, 'changed' | 'removed'>,
  before: Base,
  now: Base,
): Told {
  const gone = [...before.extras.keys()].filter((id) => !now.extras.has(id) && !now.items.has(id));
  const isChanged = new Set(changed.map(({ id }) => id));
  return { changed, removed: [...removed, ...gone.filter((id) => !isChanged.has(id))] };
}

/** One for each time that an item comes on top. */
function newsName({ id, orderId, createdAt }: Item): string {
  return `${id} ${orderId} ${createdAt}`;
}

/** Whether it came after what was stated before, and was not known then. */
function isAfter(item: Item, before: Base, now: Base): boolean {
  const known = before.items.get(item.id) ?? before.extras.get(item.id);
  if (known?.orderId === item.orderId && known.createdAt === item.createdAt) return false;
  // Another history may give the same ids again: there, only time tells.
  if (before.at.history !== now.at.history) return Date.parse(item.createdAt) > before.readAt;
  return item.orderId > before.at.eventId && !isOld(item, before);
}

/** Whether it happened long before it came, as what is imported did. What comes back from a snooze is none of these. */
function isOld({ id, orderId, createdAt }: Item, before: Base): boolean {
  return id === orderId && Date.parse(createdAt) < before.readAt - OLD_MS;
}
