/**
 * Changes what became of items: the writer of the tables `event_receipt`, `inbox` and `inbox_change`.
 *
 * Every change gets a revision, out of one counter that only grows, and a row that says how to take it back.
 * What names items one by one writes their receipts; what reaches "everything up to here" is a mark, one row
 * however many items there are. Taking a change back reverses that change alone: what was done since stays.
 */
import { randomBytes } from 'node:crypto';
import { toMessage } from '../language/message.ts';
import { BelfryError } from '../protocol/errors.ts';
import {
  empty,
  join,
  raw,
  type Sql,
  type SqlDatabase,
  type SqlRunner,
  sql,
  toDate,
  toNumber,
} from '../storage/database.ts';
import { lastIdIn } from '../storage/event-log.ts';
import { ITEM_COLUMNS, ITEM_TABLES, type Item, type ItemRow, rowToItem } from './item.ts';
import { IS_ADDRESSED, inboxItems, withReader } from './item-sets.ts';

/** What a change made: the revision to tell of. */
export interface Changed {
  revision: number;
  /** When it was made. */
  at: Date;
  /** Give it to `undo`. `null` for what is not taken back by a token. */
  undo: string | null;
}

/** Some of a user's items: these, or what of a group is in the inbox, up to an event. */
export type Which = { eventIds: readonly number[] } | { groupKey: string; throughId: number };

/** Called in the transaction of a snooze, so that somebody wakes the items when the time has come. */
export type OnSnoozed = (
  tx: SqlRunner,
  snooze: { userId: number; eventIds: number[]; until: Date },
) => Promise<void>;

export interface InboxOptions {
  /** The server's clock. */
  now?: () => Date;
  /** Default: nobody wakes them. */
  onSnoozed?: OnSnoozed;
}

/** Of all that was done with items: the columns of a receipt that one kind of change is about. */
type Aspect = 'read' | 'done' | 'acted';

const ASPECTS: Record<Aspect, readonly string[]> = {
  read: ['read_at', 'read_revision'],
  done: ['done_at', 'done_revision', 'snoozed_until', 'order_id'],
  acted: ['acted_at', 'acted_with'],
};
const TIMES = new Set(['seen_at', 'read_at', 'done_at', 'snoozed_until', 'acted_at']);

type Value = number | string | null;
type Columns = Record<string, Value>;

/** One kind of change to items that are named. */
interface NamedChange {
  kind: 'dismiss' | 'restore' | 'read' | 'unread' | 'snooze' | 'wake' | 'act' | 'touch' | 'see';
  aspects: readonly Aspect[];
  /** Which of the named items it changes. */
  concerns: (item: Item) => boolean;
  /** What their receipts say afterwards; times in milliseconds. `revision` is this change's. */
  values: (revision: number) => Columns;
  canBeUndone: boolean;
  /** Whether somebody had them in front of them: not when a clock or a server did it. */
  isByPerson: boolean;
}

interface ChangeRow {
  revision: bigint | number;
  kind: string;
  before: string | null;
  at: Date;
  undone_by: bigint | number | null;
}

/** Of one item: its id, and what its receipt said before. */
type Before = [eventId: number, columns: Columns];

const MARKS = { clear: sql`done_through_id`, 'read-all': sql`read_through_id` } as const;
// Whoever changes their mind does so within days; the rows take room.
const UNDO_WITHIN_MS = 7 * 24 * 60 * 60_000;
// A column holds more, a number of JavaScript's does not.
const LARGEST_ID = Number.MAX_SAFE_INTEGER;
// What has expired is changed like anything else.
const LONG_AGO = new Date(0);

/**
 * Each method changes the named user's own items alone; ids that are unknown or somebody else's change
 * nothing, and nothing is told of them. It resolves to `null` when nothing changed.
 */
export class Inbox {
  readonly #database: SqlDatabase;
  readonly #now: () => Date;
  readonly #onSnoozed: OnSnoozed;

  constructor(
    database: SqlDatabase,
    { now = () => new Date(), onSnoozed = async () => {} }: InboxOptions = {},
  ) {
    this.#database = database;
    this.#now = now;
    this.#onSnoozed = onSnoozed;
  }

  /** Marks items as done. One that was put off is not put off any more. */
  dismiss({ userId, ...which }: { userId: number } & Which): Promise<Changed | null> {
    const at = this.#now().getTime();
    return this.#changeNamed(userId, which, {
      kind: 'dismiss',
      aspects: ['done'],
      concerns: ({ doneAt }) => doneAt === null,
      values: (revision) => ({ done_at: at, done_revision: revision, snoozed_until: null }),
      canBeUndone: true,
      isByPerson: true,
    });
  }

  /** Puts items back into the inbox: also below a mark of *clear*, and also one that was put off. */
  restore({ userId, eventIds }: { userId: number; eventIds: readonly number[] }): Promise<Changed | null> {
    return this.#changeNamed(
      userId,
      { eventIds },
      {
        kind: 'restore',
        aspects: ['done'],
        concerns: ({ doneAt, snoozedUntil }) => doneAt !== null || snoozedUntil !== null,
        values: (revision) => ({ done_at: null, done_revision: revision, snoozed_until: null }),
        canBeUndone: true,
        isByPerson: true,
      },
    );
  }

  /** Marks items as read. */
  read({ userId, ...which }: { userId: number } & Which): Promise<Changed | null> {
    const at = this.#now().getTime();
    return this.#changeNamed(userId, which, {
      kind: 'read',
      aspects: ['read'],
      concerns: ({ readAt }) => readAt === null,
      values: (revision) => ({ read_at: at, read_revision: revision }),
      canBeUndone: true,
      isByPerson: true,
    });
  }

  /** Marks items as not read: also below a mark of *read all*. */
  unread({ userId, eventIds }: { userId: number; eventIds: readonly number[] }): Promise<Changed | null> {
    return this.#changeNamed(
      userId,
      { eventIds },
      {
        kind: 'unread',
        aspects: ['read'],
        concerns: ({ readAt }) => readAt !== null,
        values: (revision) => ({ read_at: null, read_revision: revision }),
        canBeUndone: true,
        isByPerson: true,
      },
    );
  }

  /** Puts items out of the way until an instant; one that is done comes back then as well. */
  snooze({
    userId,
    eventIds,
    until,
  }: {
    userId: number;
    eventIds: readonly number[];
    until: Date;
  }): Promise<Changed | null> {
    return this.#changeNamed(
      userId,
      { eventIds },
      {
        kind: 'snooze',
        aspects: ['done'],
        concerns: ({ snoozedUntil }) => snoozedUntil?.getTime() !== until.getTime(),
        values: (revision) => ({ done_at: null, done_revision: revision, snoozed_until: until.getTime() }),
        canBeUndone: true,
        isByPerson: true,
      },
      (tx, ids) => this.#onSnoozed(tx, { userId, eventIds: ids, until }),
    );
  }

  /**
   * Brings back what was put off until exactly this instant, as new and on top; what was put off anew, put
   * back or dismissed meanwhile stays as it is.
   *
   * @param tx The transaction to do it in.
   */
  wake(
    tx: SqlRunner,
    { userId, eventIds, until }: { userId: number; eventIds: readonly number[]; until: Date },
  ): Promise<Changed | null> {
    return this.#changeNamedIn(tx, userId, { eventIds }, async () => {
      const newestId = await lastIdIn(tx);
      return {
        kind: 'wake',
        aspects: ['done', 'read'],
        concerns: ({ snoozedUntil }) => snoozedUntil?.getTime() === until.getTime(),
        values: (revision) => ({
          snoozed_until: null,
          done_at: null,
          done_revision: revision,
          read_at: null,
          read_revision: revision,
          // Above all there is, and below what comes next.
          order_id: newestId + 1,
        }),
        canBeUndone: false,
        isByPerson: false,
      };
    });
  }

  /** One of the user's items, whatever became of it; `null` when it is none of theirs. */
  async find(
    { userId, eventId }: { userId: number; eventId: number },
    runner: SqlRunner = this.#database,
  ): Promise<Item | null> {
    if (!canBeId(eventId)) return null;
    const [found] = await readItems(runner, userId, sql`e.id = ${eventId}`);
    return found?.item ?? null;
  }

  /**
   * Notes the action that was taken, which reads the item as well. The first one counts.
   *
   * @param tx The transaction to do it in.
   * @returns `null` when an action was taken before.
   */
  act(
    tx: SqlRunner,
    { userId, eventId, action }: { userId: number; eventId: number; action: string },
  ): Promise<Changed | null> {
    const at = this.#now().getTime();
    return this.#changeNamedIn(tx, userId, { eventIds: [eventId] }, async () => ({
      kind: 'act',
      aspects: ['acted', 'read'],
      concerns: ({ actedWith }) => actedWith === null,
      values: (revision) => ({ acted_at: at, acted_with: action, read_at: at, read_revision: revision }),
      canBeUndone: false,
      isByPerson: true,
    }));
  }

  /**
   * Notes that what an item tells has changed: its user is told of it anew.
   *
   * @param tx The transaction to do it in.
   */
  touch(tx: SqlRunner, { userId, eventId }: { userId: number; eventId: number }): Promise<Changed | null> {
    return this.#changeNamedIn(tx, userId, { eventIds: [eventId] }, async () => ({
      kind: 'touch',
      aspects: [],
      concerns: () => true,
      values: () => ({}),
      canBeUndone: false,
      isByPerson: false,
    }));
  }

  /** How the user wants to be told, as it was kept last; `null`: they never said. And the last change of it; 0: none. */
  async settingsOf(
    userId: number,
    runner: SqlRunner = this.#database,
  ): Promise<{ settings: string | null; settingsRevision: number }> {
    const [row] = await runner.query<{ settings: string | null; settings_revision: bigint | number }>(
      sql`SELECT settings, settings_revision FROM belfry_inbox WHERE user_id = ${userId}`,
    );
    return { settings: row?.settings ?? null, settingsRevision: toNumber(row?.settings_revision) };
  }

  /**
   * Keeps how the user wants to be told, and that it has changed.
   *
   * @param tx The transaction to do it in, which has locked the user's changes.
   * @param settings As text. Default: they stay as they are, and what has changed is what belongs to them.
   */
  async keepSettings(
    tx: SqlRunner,
    { userId, settings }: { userId: number; settings?: string },
  ): Promise<Changed> {
    const { revision, at } = await this.#record(tx, { userId, kind: 'settings' });
    await tx.execute(sql`
      UPDATE belfry_inbox SET revision = ${revision}, settings_revision = ${revision}
        ${settings === undefined ? empty : sql`, settings = ${settings}`}
      WHERE user_id = ${userId}`);
    return { revision, at, undo: null };
  }

  /** Has the changes of several users wait until the transaction ends. Always in one order: two who do so wait for each other's once. */
  async lock(tx: SqlRunner, userIds: readonly number[]): Promise<void> {
    for (const userId of [...userIds].sort((a, b) => a - b)) await lock(tx, userId);
  }

  /**
   * Marks everything up to an event as done, however much it is; what was put off stays put off.
   *
   * @param throughId Default, and most: the newest there is.
   */
  clear(options: {
    userId: number;
    throughId?: number | undefined;
  }): Promise<Changed & { throughId: number }> {
    return this.#mark('clear', options);
  }

  /** Marks everything up to an event as read, as `clear` does. */
  readAll(options: {
    userId: number;
    throughId?: number | undefined;
  }): Promise<Changed & { throughId: number }> {
    return this.#mark('read-all', options);
  }

  /** These items were on the screen. It is not taken back, and noted where nothing says so yet. */
  see({ userId, eventIds }: { userId: number; eventIds: readonly number[] }): Promise<Changed | null> {
    return this.#changeNamed(
      userId,
      { eventIds },
      {
        kind: 'see',
        aspects: [],
        concerns: ({ seenAt }) => seenAt === null,
        values: () => ({}),
        canBeUndone: false,
        isByPerson: true,
      },
    );
  }

  /** Everything up to an event was on the screen. It only grows, and is not taken back. */
  async seeAll({ userId, throughId }: { userId: number; throughId: number }): Promise<Changed | null> {
    return this.#database.transaction(async (tx) => {
      const known = await lock(tx, userId);
      const through = Math.min(throughId, await lastIdIn(tx));
      if (through <= known.seenThrough) return null;
      const { revision, at } = await this.#record(tx, { userId, kind: 'seen', throughId: through });
      await tx.execute(sql`
        UPDATE belfry_inbox SET revision = ${revision}, seen_through_id = ${through}, seen_at = ${at}
        WHERE user_id = ${userId}`);
      return { revision, at, undo: null };
    });
  }

  /**
   * Takes a change back: each of its items becomes what it was before, unless another change has named it
   * since; a mark goes, with all that it alone covered.
   *
   * @throws BelfryError `cannot_undo` when the token is not this user's, was used before, or is too old.
   */
  async undo({ userId, undo }: { userId: number; undo: string }): Promise<Changed> {
    return this.#database.transaction(async (tx) => {
      await lock(tx, userId);
      const change = await findChange(tx, userId, undo);
      if (!change || change.undone_by !== null || this.#isTooOld(change)) {
        throw new BelfryError('cannot_undo', toMessage('server.belfry.cannot-undo'));
      }
      const undone = toNumber(change.revision);
      const { revision, at } = await this.#record(tx, { userId, kind: 'undo' });
      await tx.execute(
        sql`UPDATE belfry_inbox_change SET undone_by = ${revision} WHERE revision = ${undone}`,
      );
      if (change.kind === 'clear' || change.kind === 'read-all') {
        await tx.execute(sql`
          UPDATE belfry_inbox SET revision = ${revision}, ${MARKS[change.kind]} = COALESCE((
            SELECT MAX(c.through_id) FROM belfry_inbox_change c
            WHERE c.user_id = ${userId} AND c.kind = ${change.kind} AND c.undone_by IS NULL), 0)
          WHERE user_id = ${userId}`);
      } else {
        await putBack(tx, { userId, undone, revision, before: JSON.parse(change.before ?? '[]') });
        await tx.execute(sql`UPDATE belfry_inbox SET revision = ${revision} WHERE user_id = ${userId}`);
      }
      return { revision, at, undo: null };
    });
  }

  /** The last *clear* that can still be undone; `null`: none can. */
  async lastClear({ userId }: { userId: number }): Promise<{ undo: string; at: Date } | null> {
    const since = new Date(this.#now().getTime() - UNDO_WITHIN_MS);
    const [row] = await this.#database.query<Pick<ChangeRow, 'revision' | 'at'> & { token: string }>(sql`
      SELECT revision, token, at FROM belfry_inbox_change
      WHERE user_id = ${userId} AND kind = 'clear' AND undone_by IS NULL AND at > ${since}
      ORDER BY revision DESC LIMIT 1`);
    return row ? { undo: formatUndo(toNumber(row.revision), row.token), at: toDate(row.at) as Date } : null;
  }

  #isTooOld({ at }: ChangeRow): boolean {
    return this.#now().getTime() - (toDate(at) as Date).getTime() > UNDO_WITHIN_MS;
  }

  #mark(
    kind: keyof typeof MARKS,
    { userId, throughId = LARGEST_ID }: { userId: number; throughId?: number | undefined },
  ): Promise<Changed & { throughId: number }> {
    return this.#database.transaction(async (tx) => {
      await lock(tx, userId);
      const through = Math.min(throughId, await lastIdIn(tx));
      const undo = newToken();
      const { revision, at } = await this.#record(tx, { userId, kind, throughId: through, undo });
      const column = MARKS[kind];
      await tx.execute(sql`
        UPDATE belfry_inbox SET revision = ${revision},
          ${column} = CASE WHEN ${column} < ${through} THEN ${through} ELSE ${column} END
        WHERE user_id = ${userId}`);
      return { revision, at, undo: formatUndo(revision, undo), throughId: through };
    });
  }

  #changeNamed(
    userId: number,
    which: Which,
    change: NamedChange,
    andThen?: (tx: SqlRunner, ids: number[]) => Promise<void>,
  ): Promise<Changed | null> {
    return this.#database.transaction((tx) =>
      this.#changeNamedIn(tx, userId, which, async () => change, andThen),
    );
  }

  async #changeNamedIn(
    tx: SqlRunner,
    userId: number,
    which: Which,
    changeOf: () => Promise<NamedChange>,
    andThen: (tx: SqlRunner, ids: number[]) => Promise<void> = async () => {},
  ): Promise<Changed | null> {
    const condition = whichItems(which);
    if (condition === null) return null;
    // Before anything is read: the changes of one user come one after the other.
    await lock(tx, userId);
    const { kind, aspects, concerns, values, canBeUndone, isByPerson } = await changeOf();
    const items = (await readItems(tx, userId, condition)).filter(({ item }) => concerns(item));
    if (items.length === 0) return null;
    const columns = aspects.flatMap((aspect) => ASPECTS[aspect]);
    const before: Before[] = items.map(({ item, receipt }) => [item.id, pick(receipt, columns)]);
    const undo = canBeUndone ? newToken() : undefined;
    const { revision, at } = await this.#record(tx, {
      userId,
      kind,
      undo,
      before: canBeUndone ? before : undefined,
    });
    const changedIds = items.map(({ item }) => item.id);
    // Whoever does something with an item has seen it.
    const changed = isByPerson ? { ...values(revision), seen_at: at.getTime() } : values(revision);
    await writeReceipts(
      tx,
      userId,
      revision,
      changedIds.map((id) => [id, changed]),
      Object.keys(changed),
    );
    await tx.execute(sql`UPDATE belfry_inbox SET revision = ${revision} WHERE user_id = ${userId}`);
    await andThen(tx, changedIds);
    return { revision, at, undo: undo === undefined ? null : formatUndo(revision, undo) };
  }

  async #record(
    tx: SqlRunner,
    change: {
      userId: number;
      kind: string;
      throughId?: number;
      undo?: string | undefined;
      before?: Before[] | undefined;
    },
  ): Promise<{ revision: number; at: Date }> {
    const { userId, kind, throughId = null, undo = null, before } = change;
    const at = this.#now();
    const [row] = await tx.query<{ revision: bigint | number }>(sql`
      INSERT INTO belfry_inbox_change (user_id, kind, through_id, at, token, before)
      VALUES (${userId}, ${kind}, ${throughId}, ${at}, ${undo}, ${before ? JSON.stringify(before) : null})
      RETURNING revision`);
    return { revision: toNumber(row?.revision), at };
  }
}

/** Holds the user's row until the transaction ends, and makes it at first need. */
async function lock(tx: SqlRunner, userId: number): Promise<{ seenThrough: number }> {
  const [row] = await tx.query<{ seen_through_id: bigint | number }>(sql`
    INSERT INTO belfry_inbox (user_id) VALUES (${userId})
    ON CONFLICT (user_id) DO UPDATE SET revision = belfry_inbox.revision
    RETURNING seen_through_id`);
  return { seenThrough: toNumber(row?.seen_through_id) };
}

/** What the receipt itself says, where the item's own columns may have it from a mark. */
interface ReceiptRow {
  receipt_read_at: Date | number | null;
  read_revision: bigint | number | null;
  receipt_done_at: Date | number | null;
  done_revision: bigint | number | null;
  acted_at: Date | number | null;
  receipt_order_id: bigint | number | null;
}

/** The condition for it, on an event `e`; `null`: these are none. */
function whichItems(which: Which): Sql | null {
  if ('eventIds' in which) {
    const ids = [...new Set(which.eventIds.filter(canBeId))];
    return ids.length === 0 ? null : sql`e.id IN (${join(ids)})`;
  }
  const { groupKey, throughId } = which;
  const ofGroup = sql`AND e.group_key = ${groupKey} AND e.id <= CAST(${throughId} AS BIGINT)`;
  return sql`e.id IN (SELECT id FROM (${inboxItems(ofGroup)}) in_inbox)`;
}

/** Those of the user's items for which it is true, and what their receipts say, if they have one. */
async function readItems(
  tx: SqlRunner,
  userId: number,
  condition: Sql,
): Promise<{ item: Item; receipt: Columns }[]> {
  const rows = await tx.query<ItemRow & ReceiptRow>(sql`
    ${withReader(userId, LONG_AGO)}
    SELECT ${ITEM_COLUMNS}, r.read_at AS receipt_read_at, r.read_revision, r.done_at AS receipt_done_at, r.done_revision,
      r.acted_at, r.order_id AS receipt_order_id
    FROM belfry_event e ${ITEM_TABLES}
    WHERE ${condition} AND ${IS_ADDRESSED}
    ORDER BY e.id`);
  return rows.map((row) => ({
    item: rowToItem(row),
    receipt: {
      read_at: toMs(row.receipt_read_at),
      read_revision: row.read_revision === null ? null : toNumber(row.read_revision),
      done_at: toMs(row.receipt_done_at),
      done_revision: row.done_revision === null ? null : toNumber(row.done_revision),
      snoozed_until: toMs(row.snoozed_until),
      order_id: row.receipt_order_id === null ? null : toNumber(row.receipt_order_id),
      acted_at: toMs(row.acted_at),
      acted_with: row.acted_with,
    },
  }));
}

function toMs(time: Date | number | null): number | null {
  return toDate(time)?.getTime() ?? null;
}

function pick(columns: Columns, names: readonly string[]): Columns {
  return Object.fromEntries(names.map((name) => [name, columns[name] ?? null]));
}

/** Writes these columns of these receipts, each with values of its own, in one statement with one parameter. */
async function writeReceipts(
  tx: SqlRunner,
  userId: number,
  revision: number,
  receipts: readonly Before[],
  names: readonly string[],
): Promise<void> {
  const rows = JSON.stringify(
    receipts.map(([id, columns]) => [id, ...names.map((name) => columns[name] ?? null)]),
  );
  const columns = names.map(column);
  const values =
    tx.dialect === 'sqlite'
      ? names.map((_, at) => sql`value ->> ${raw(`${at + 1}`)}`)
      : names.map((name, at) => fromJson(name, sql`value ->> ${raw(`${at + 1}`)}`));
  const from =
    tx.dialect === 'sqlite'
      ? sql`json_each(${rows}) WHERE 1 = 1`
      : sql`json_array_elements(CAST(${rows} AS json))`;
  const id = tx.dialect === 'sqlite' ? sql`value ->> 0` : sql`(value ->> 0)::bigint`;
  await tx.execute(sql`
    INSERT INTO belfry_event_receipt (${join([sql`user_id, event_id, revision`, ...columns])})
    SELECT ${join([asInteger(tx, userId), id, asInteger(tx, revision), ...values])} FROM ${from}
    ON CONFLICT (user_id, event_id) DO UPDATE SET
      ${join([sql`revision = excluded.revision`, ...names.map(setColumn)])}`);
}

/** A parameter that stands alone in a SELECT has no type of its own on PostgreSQL. */
function asInteger({ dialect }: SqlRunner, value: number): Sql {
  return dialect === 'sqlite' ? sql`${value}` : sql`CAST(${value} AS bigint)`;
}

function fromJson(name: string, text: Sql): Sql {
  if (TIMES.has(name)) return sql`to_timestamp((${text})::bigint / 1000.0) AT TIME ZONE 'UTC'`;
  return name === 'acted_with' ? text : sql`(${text})::bigint`;
}

/** When something was seen first is not written over. */
function setColumn(name: string): Sql {
  const own = column(name);
  return name === 'seen_at'
    ? sql`${own} = COALESCE(belfry_event_receipt.${own}, excluded.${own})`
    : sql`${own} = excluded.${own}`;
}

const COLUMN_NAMES: Record<string, Sql> = {
  seen_at: sql`seen_at`,
  read_at: sql`read_at`,
  read_revision: sql`read_revision`,
  done_at: sql`done_at`,
  done_revision: sql`done_revision`,
  snoozed_until: sql`snoozed_until`,
  order_id: sql`order_id`,
  acted_at: sql`acted_at`,
  acted_with: sql`acted_with`,
};

function column(name: string): Sql {
  return COLUMN_NAMES[name] ?? empty;
}

/** Gives the items of a change their receipts of before, where no other change has named them since. */
async function putBack(
  tx: SqlRunner,
  {
    userId,
    undone,
    revision,
    before,
  }: { userId: number; undone: number; revision: number; before: Before[] },
): Promise<void> {
  for (const aspect of ['read', 'done'] as const) {
    const names = ASPECTS[aspect].filter((name) => before.some(([, columns]) => name in columns));
    if (names.length === 0) continue;
    const since = aspect === 'read' ? sql`read_revision` : sql`done_revision`;
    const untouched = await tx.query<{ event_id: bigint | number }>(sql`
      SELECT event_id FROM belfry_event_receipt
      WHERE user_id = ${userId} AND revision >= ${undone} AND ${since} = ${undone}`);
    const isUntouched = new Set(untouched.map(({ event_id }) => toNumber(event_id)));
    const receipts = before.filter(([id]) => isUntouched.has(id));
    if (receipts.length > 0) await writeReceipts(tx, userId, revision, receipts, names);
  }
}

async function findChange(tx: SqlRunner, userId: number, undo: string): Promise<ChangeRow | undefined> {
  const [, revision, token] = /^(\d{1,15})-([\w-]{1,64})$/.exec(undo) ?? [];
  if (revision === undefined) return undefined;
  const [row] = await tx.query<ChangeRow>(sql`
    SELECT revision, kind, before, at, undone_by FROM belfry_inbox_change
    WHERE revision = ${Number(revision)} AND user_id = ${userId} AND token = ${token}`);
  return row;
}

function newToken(): string {
  return randomBytes(9).toString('base64url');
}

function formatUndo(revision: number, token: string): string {
  return `${revision}-${token}`;
}

/** Whether an id that a client names could be an event's. */
function canBeId(id: number): boolean {
  return Number.isInteger(id) && id > 0 && id <= LARGEST_ID;
}
