/** One row of an app's own table, or one object of a file, as the notification that it becomes. */
import type { z } from 'zod';
import { KEEP_DONE_MS } from '../inbox/clean-up.ts';
import { translateWording } from '../language/message.ts';
import { notificationPayload } from '../notifications/system-notification.ts';
import { LONGEST_USER_ID, userIdSchema } from '../protocol/audience.ts';
import { OWN_MESSAGES, wordingOf } from '../protocol/errors.ts';
import { storableText } from '../protocol/text.ts';

/** What is read of a row. Capital letters and underscores do not matter: `createdAt` is `created_at`. */
export const COLUMNS = [
  'id',
  'user_id',
  'title',
  'message',
  'link',
  'created_at',
  'read_at',
  'done_at',
  'expires_at',
] as const;
type Column = (typeof COLUMNS)[number];
type Row = Partial<Record<Column, unknown>>;

/** A notification that is imported. Times are in milliseconds. */
export interface ImportedRow {
  /** The row's own. */
  id: string;
  userId: string;
  payload: z.infer<typeof notificationPayload>;
  createdAt: number;
  readAt: number | null;
  doneAt: number | null;
  expiresAt: number | null;
}

/** What a row comes to: a notification, one that nobody could be shown any more, or a sentence that says what is wrong. */
export type ReadRow = ImportedRow | 'expired' | 'done long ago' | { id: string | null; fault: string };

/** Half a minute for clocks that differ. */
const AHEAD_MS = 30_000;
// Nobody's table is older: what seems to be is a number of seconds.
const EARLIEST = Date.UTC(2000, 0, 1);
const ISO_TIME =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(?:(Z)|([+-]\d\d)(?::?(\d\d))?)?)?$/i;

const idSchema = storableText().min(1).max(255);

/** Something that is wrong with a row. */
class Fault extends Error {}

/** Reads rows, and notes which columns are none of ours. */
export class RowReader {
  readonly #now: number;
  readonly #columns = new Map<string, Column | null>();

  constructor(now: Date) {
    this.#now = now.getTime();
  }

  /** The names that were met and not read, in the order in which they were met. */
  get unread(): string[] {
    return [...this.#columns].flatMap(([name, column]) => (column === null ? [name] : []));
  }

  read(value: unknown): ReadRow {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return { id: null, fault: 'It is no JSON object.' };
    const row = this.#named(value as Record<string, unknown>);
    try {
      return this.#read(row);
    } catch (error) {
      if (error instanceof Fault) return { id: plainTextOf(row.id), fault: error.message };
      throw error;
    }
  }

  #named(value: Record<string, unknown>): Row {
    const row: Row = {};
    for (const name in value) {
      let column = this.#columns.get(name);
      if (column === undefined) {
        column = COLUMNS.find((one) => plain(one) === plain(name)) ?? null;
        this.#columns.set(name, column);
      }
      if (column !== null) row[column] = value[name];
    }
    return row;
  }

  #read(row: Row): ImportedRow | 'expired' | 'done long ago' {
    const id = idSchema.safeParse(textOf(row, 'id') ?? '');
    if (!id.success) throw new Fault('id is missing, or longer than 255 characters.');
    const createdAt = this.#past(row, 'created_at');
    if (createdAt === null) throw new Fault('created_at is missing.');
    const readAt = this.#state(row, 'read_at', createdAt);
    const doneAt = this.#state(row, 'done_at', createdAt);
    const expiresAt = timeIn(row, 'expires_at');
    if (expiresAt !== null && expiresAt <= this.#now) return 'expired';
    if (doneAt !== null && doneAt <= this.#now - KEEP_DONE_MS) return 'done long ago';
    const userId = userIdOf(row);
    const { title, message } = row;
    const link = row.link === '' ? null : row.link;
    const payload = notificationPayload.safeParse({ title, message, link: link ?? undefined }, OWN_MESSAGES);
    if (!payload.success) throw new Fault(sentenceOf(payload.error));
    return { id: id.data, userId, payload: payload.data, createdAt, readAt, doneAt, expiresAt };
  }

  /** When something was done, or, of columns that hold a yes or a no, whether: then it was done at once. */
  #state(row: Row, column: Column, createdAt: number): number | null {
    const value = row[column];
    if (value === true || value === 1 || value === 1n) return createdAt;
    return value === false || value === 0 || value === 0n ? null : this.#past(row, column);
  }

  #past(row: Row, column: Column): number | null {
    const time = timeIn(row, column);
    if (time !== null && time > this.#now + AHEAD_MS)
      throw new Fault(
        `${column} is ${new Date(time).toISOString()}, which is yet to come: a time without a zone is taken for UTC.`,
      );
    return time;
  }
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll('_', '');
}

function plainTextOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : null;
}

function textOf(row: Row, column: Column): string | null {
  const value = row[column];
  // It has been rounded by now.
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    throw new Fault(
      `${column} is no whole number of up to 53 bits: give it as text, as CAST(${column} AS TEXT) does.`,
    );
  return plainTextOf(value);
}

function userIdOf(row: Row): string {
  const text = textOf(row, 'user_id');
  if (text === null || text === '') throw new Fault('user_id is missing.');
  const parsed = userIdSchema.safeParse(text);
  if (!parsed.success)
    throw new Fault(`user_id is longer than ${LONGEST_USER_ID} characters, or cannot be kept.`);
  return parsed.data;
}

/** A time as drivers and files have it, in milliseconds. */
function timeIn(row: Row, column: Column): number | null {
  const value = row[column];
  if (value === null || value === undefined || value === '') return null;
  const time = toMilliseconds(value);
  if (Number.isNaN(time))
    throw new Fault(
      `${column} is ${JSON.stringify(String(value)).slice(0, 60)}: give an ISO 8601 time, or milliseconds since 1970.`,
    );
  if (time < EARLIEST)
    throw new Fault(
      `${column} is ${new Date(time).toISOString()}: give milliseconds since 1970, and not seconds, or an ISO 8601 time.`,
    );
  return time;
}

function toMilliseconds(value: unknown): number {
  if (value instanceof Date) return value.getTime();
  if (typeof value === 'number' || typeof value === 'bigint') return inRange(Math.round(Number(value)));
  if (typeof value !== 'string') return Number.NaN;
  const text = value.trim();
  if (/^\d+(\.\d+)?$/.test(text)) return inRange(Math.round(Number(text)));
  const [, day, time = '00:00', utc, hours, minutes = '00'] = ISO_TIME.exec(text) ?? [];
  if (day === undefined) return Number.NaN;
  const zone = utc === undefined && hours !== undefined ? `${hours}:${minutes}` : 'Z';
  return Date.parse(`${day}T${time}${zone}`);
}

function inRange(time: number): number {
  return Math.abs(time) <= 8.64e15 ? time : Number.NaN;
}

function sentenceOf({ issues }: z.ZodError): string {
  const [issue] = issues;
  return issue ? `${issue.path.join('.')}: ${translateWording(wordingOf(issue))}` : '';
}
