/** Says where an inbox stands, as frames: what changed since a position, or, where that cannot be told, everything anew. */
import type { InboxPage, InboxReader } from '../inbox/inbox-reader.ts';
import type { Reader } from '../language/translate.ts';
import { type InboxState, parseState } from '../protocol/inbox-state.ts';
import type { InboxFrame } from '../protocol/item.ts';
import { formatPlace } from '../protocol/place.ts';
import type { History } from '../storage/history.ts';
import type { EventStream, Statement } from './event-stream.ts';
import { controlFrame, eventFrame, type Frame } from './frame-batch.ts';
import type { WireFormat } from './wire.ts';

export interface InboxStatementsOptions {
  inbox: InboxReader;
  history: Pick<History, 'continues' | 'current'>;
  wire: WireFormat;
  /** How large a snapshot may be; what does not fit is left to poll. */
  maxBytes: number;
}

type Listener = Pick<EventStream, 'userId' | 'eventTypes' | 'reader'>;
type Position = Pick<InboxState, 'eventId' | 'revision'>;

/** What changed since a position, read once for all of a user's streams. */
export interface ToldChanges {
  /** The position that it ends with. */
  position: Position;
  inWordsOf: (reader: Reader) => Statement;
}

// More than a screen can show; the rest is in poll.
const SNAPSHOT_LIMIT = 100;
const LARGEST_ID = Number.MAX_SAFE_INTEGER;

/** Reads; never writes, and remembers nothing. */
export class InboxStatements {
  readonly #options: InboxStatementsOptions;

  constructor(options: InboxStatementsOptions) {
    this.#options = options;
  }

  /** What a stream begins with. @param since The position that its client names, as it came; `null`: none. */
  async first(stream: Listener, since: string | null): Promise<Statement> {
    const state = since === null ? null : parseState(since);
    const canContinue = state !== null && (await this.#options.history.continues(state));
    const changes = canContinue ? await this.changes(stream.userId, state) : null;
    return changes?.inWordsOf(stream.reader) ?? this.snapshot(stream);
  }

  /** What changed since a position of the present history; `null` when it has to be told everything. */
  async changes(userId: number, since: Position): Promise<ToldChanges | null> {
    const { inbox, wire, history } = this.#options;
    const { name } = history.current;
    const changes = await inbox.readChanges({ userId, since, limit: SNAPSHOT_LIMIT });
    if (changes === null || changes.hasMore || changes.changed.length > SNAPSHOT_LIMIT) return null;
    return {
      position: changes,
      inWordsOf(reader) {
        const { hasMore: _, ...rest } = wire.changes(changes, name, reader);
        const frame: InboxFrame = { kind: 'changes', ...rest };
        return { inbox: controlFrame('inbox', frame), items: [], position: changes };
      },
    };
  }

  /** Everything: the newest of the inbox, and what is urgent and further down. */
  async snapshot({ userId, eventTypes, reader }: Listener): Promise<Statement> {
    const { inbox, wire, history } = this.#options;
    const { name } = history.current;
    const page = await inbox.readPage({ userId, eventTypes: [...eventTypes], limit: SNAPSHOT_LIMIT });
    const pinned = this.#framesOf(page.pinned, reader);
    const listed = this.#framesOf(page.items, reader);
    const frame: InboxFrame = {
      kind: 'snapshot',
      ...wire.summary(page, name),
      count: listed.length + pinned.length,
      pinned: page.pinned.slice(0, pinned.length).map(({ id }) => id),
      nextCursor: listed.length < page.items.length ? cursorAfter(page, listed.length) : page.nextCursor,
    };
    return { inbox: controlFrame('inbox', frame), items: [...listed, ...pinned], position: page };
  }

  /** As many as have room in half of a snapshot. */
  #framesOf(items: InboxPage['items'], reader: Reader): Frame[] {
    let bytes = 0;
    return items
      .map((item) => eventFrame(item, this.#options.wire.item(item, reader)))
      .filter(({ text }) => {
        bytes += Buffer.byteLength(text);
        return bytes <= this.#options.maxBytes / 2;
      });
  }
}

function cursorAfter({ items }: InboxPage, count: number): string | null {
  const last = items[count - 1];
  return last ? formatPlace(last) : `${LARGEST_ID}`;
}
