/**
 * The audit trail: who did what to accounts, tokens and everybody's inbox, from where, and when. A row in the
 * database, and a JSON line in the log. What the app itself sends is its own business, and not in it.
 *
 * Whatever is recorded has been done already: writing it down never holds it up and never makes it fail.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { oneAtATime } from '../belfry/engine/one-at-a-time.ts';
import { env } from '../config/env.ts';
import { processSingleton } from '../config/process-singleton.ts';
import { type Database, db } from '../database/db.ts';
import { log } from '../telemetry/log.ts';
import { printable } from '../telemetry/printable.ts';

/** Everything that is recorded. Once published, a name keeps its meaning. */
export const AUDIT_ACTIONS = [
  'signed_in',
  'sign_in_refused',
  'sign_in_locked',
  'signed_out',
  'session_ended',
  'password_changed',
  'role_changed',
  'account_created',
  'account_disabled',
  'account_enabled',
  'account_deleted',
  'demo_accounts_created',
  'token_created',
  'token_revoked',
  'token_refused',
  'notification_sent',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** Who did it, and from where. */
export interface Actor {
  /** As people will read it, also when the account or the token is gone: an address, or a token's name. */
  name: string;
  userId?: number;
  tokenId?: number;
  /** The client's address, or `command line`. */
  address: string;
  /** The browser or program, as it calls itself. */
  agent: string;
}

export interface AuditEntry {
  action: AuditAction;
  by: Actor;
  /** Whom or what it was done to: an account's address, a token's name, `everyone`. */
  subject?: string;
  /** What else is worth knowing, in a few words; never a password or a token. */
  detail?: Readonly<Record<string, string | number | boolean | null>>;
}

export interface AuditTrailOptions {
  db: Pick<Database, 'auditEntry' | '$executeRaw'>;
  log: Pick<Logger, 'info' | 'error'>;
  /** For how many days rows are kept. 0: none is written, and those that are there go. */
  days: number;
  now?: () => Date;
  /** What intervals are measured by, in milliseconds: nobody can set it. Default: `performance.now`. */
  elapsed?: () => number;
}

/** An entry as it is read again. */
export interface RecordedEntry {
  id: number;
  at: Date;
  action: string;
  actor: string;
  userId: number | null;
  tokenId: number | null;
  subject: string | null;
  address: string;
  agent: string;
  detail: unknown;
}

export const COMMAND_LINE = 'command line';

// Long enough for any address of e-mail, and for the names of tokens and people.
const LONGEST_NAME = 254;
const LONGEST_ADDRESS = 64;
// The parts that tell browsers apart come first.
const LONGEST_AGENT = 200;
const LONGEST_DETAIL = 1_000;

// What comes within this is written together: sends come by the thousand.
const WRITE_WITHIN_MS = 250;
const WRITE_AGAIN_MS = 5_000;
// So few that the embedded database, which answers within one turn of the event loop, holds nobody up.
const ROWS_AT_ONCE = 100;
// A few megabytes, and what an outage of a minute brings.
const LONGEST_QUEUE = 10_000;
// A stop has 4 s for everything.
const LAST_WRITE_MS = 1_000;

// Of what anybody can cause at will: enough to see what goes on, too few to fill a disk (two million rows
// a year at most).
const FROM_STRANGERS = 250;
const HOUR_MS = 60 * 60_000;
const MOST_KEYS = 10_000;

const REMOVED_AT_ONCE = 250;
// Lets requests in between two steps.
const PAUSE_MS = 5;
const DAY_MS = 24 * 60 * 60_000;

interface Row {
  at: Date;
  action: string;
  actor: string;
  actorUserId: number | null;
  actorTokenId: number | null;
  subject: string | null;
  address: string;
  agent: string;
  detail: string | null;
}

/** Takes entries in at once and writes them in the background. One in a process. */
export class AuditTrail {
  readonly #db: AuditTrailOptions['db'];
  readonly #log: AuditTrailOptions['log'];
  readonly #days: number;
  readonly #now: () => Date;
  readonly #elapsed: () => number;
  #waiting: Row[] = [];
  #lost = 0;
  #timer: NodeJS.Timeout | null = null;
  /** What strangers caused in this hour. */
  #hour = { endsAt: Number.NEGATIVE_INFINITY, recorded: 0, leftOut: new Map<AuditAction, number>() };
  /** Until when the same is not recorded again, by key. */
  readonly #recordedUntil = new Map<string, number>();

  constructor(options: AuditTrailOptions) {
    const { db, log, days, now = () => new Date(), elapsed = () => performance.now() } = options;
    this.#db = db;
    this.#log = log;
    this.#days = days;
    this.#now = now;
    this.#elapsed = elapsed;
  }

  /** Records what happened. Returns at once and never throws; the row follows within a second. */
  record(entry: AuditEntry): void {
    const row = toRow(entry, this.#now());
    // A command's standard output is its own.
    if (row.address !== COMMAND_LINE) this.#log.info({ audit: row.action, ...told(row) }, 'audit');
    if (this.#days === 0) return;
    if (this.#waiting.length >= LONGEST_QUEUE) this.#lost += 1;
    else this.#waiting.push(row);
    this.#writeAfter(WRITE_WITHIN_MS);
  }

  /**
   * Records what anybody can cause as often as they like: 250 such entries an hour, and then, at its end, how
   * many more there were of each action.
   *
   * @param onceFor Only the first with this key within so many seconds counts.
   */
  recordFromStranger(entry: AuditEntry, onceFor?: { key: string; seconds: number }): void {
    const now = this.#elapsed();
    this.#endHour(now);
    if (onceFor && this.#wasRecorded(`${entry.action} ${onceFor.key}`, onceFor.seconds * 1_000, now)) return;
    if (this.#hour.recorded < FROM_STRANGERS) {
      this.#hour.recorded += 1;
      this.record(entry);
      return;
    }
    const { leftOut, endsAt } = this.#hour;
    // Nothing else may happen when the hour is over.
    if (leftOut.size === 0) setTimeout(() => this.#endHour(this.#elapsed()), endsAt - now).unref();
    leftOut.set(entry.action, (leftOut.get(entry.action) ?? 0) + 1);
  }

  /** Writes what waits. For a stop, and for commands: afterwards nothing is lost, unless the log says so. */
  async flush(): Promise<void> {
    this.#endHour(Number.POSITIVE_INFINITY);
    await Promise.race([this.#write(), sleep(LAST_WRITE_MS, null, { ref: false })]);
    this.#tellLost(this.#waiting.length);
  }

  /** Removes rows that are older than the setting says, in small steps. Returns how many. */
  async removeOld(): Promise<number> {
    const before = new Date(this.#now().getTime() - this.#days * DAY_MS);
    let total = 0;
    for (;;) {
      const removed = await this.#db.$executeRaw`
        DELETE FROM audit_entry WHERE id IN (
          SELECT id FROM audit_entry WHERE at < ${before} ORDER BY at LIMIT ${REMOVED_AT_ONCE})`;
      total += removed;
      if (removed < REMOVED_AT_ONCE) return total;
      await sleep(PAUSE_MS);
    }
  }

  #writeAfter(milliseconds: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      void this.#write();
    }, milliseconds).unref();
  }

  /** Never rejects: what could not be written waits for the next try. */
  readonly #write = oneAtATime(async () => {
    this.#endHour(this.#elapsed());
    while (this.#waiting.length > 0) {
      const rows = this.#waiting.slice(0, ROWS_AT_ONCE);
      try {
        await this.#db.auditEntry.createMany({ data: rows });
      } catch (error) {
        const fields = { err: error, code: 'audit_not_written', count: this.#waiting.length };
        this.#log.error(fields, 'audit entries could not be written, and wait');
        this.#writeAfter(WRITE_AGAIN_MS);
        return;
      }
      this.#waiting.splice(0, rows.length);
    }
    this.#tellLost(this.#lost);
    this.#lost = 0;
  });

  #tellLost(count: number): void {
    if (count > 0) this.#log.error({ code: 'audit_lost', count }, 'audit entries are in the log alone');
  }

  /** Once the hour is over, tells how many entries it did not record. */
  #endHour(now: number): void {
    if (now < this.#hour.endsAt) return;
    const { leftOut } = this.#hour;
    this.#hour = { endsAt: this.#elapsed() + HOUR_MS, recorded: 0, leftOut: new Map() };
    const by = { name: 'several', address: 'several', agent: '' };
    for (const [action, more] of leftOut) this.record({ action, by, detail: { more } });
  }

  #wasRecorded(key: string, forMs: number, now: number): boolean {
    if ((this.#recordedUntil.get(key) ?? 0) > now) return true;
    if (this.#recordedUntil.size >= MOST_KEYS) {
      for (const [old, until] of this.#recordedUntil) if (until <= now) this.#recordedUntil.delete(old);
      // Told twice rather than remembered without bound.
      if (this.#recordedUntil.size >= MOST_KEYS) this.#recordedUntil.clear();
    }
    this.#recordedUntil.set(key, now + forMs);
    return false;
  }
}

/** The app's own. */
export const auditTrail = processSingleton(
  'audit-trail',
  () => new AuditTrail({ db, log, days: env.auditDays }),
);

const READ_AT_ONCE = 500;

/**
 * Reads the trail, oldest first, a page at a time.
 *
 * @param filter.user An account's address or its id: what it did, and what was done to it.
 * @param filter.limit The newest so many of those that the rest of the filter lets through. Default: all.
 */
export async function* readAuditEntries(filter: {
  since?: Date | undefined;
  action?: AuditAction | undefined;
  user?: string | undefined;
  limit?: number | undefined;
}): AsyncGenerator<RecordedEntry> {
  const { since, action, user, limit } = filter;
  const email = user?.trim().toLowerCase();
  const where = {
    ...(since ? { at: { gte: since } } : {}),
    ...(action ? { action } : {}),
    ...(email ? { OR: [{ actor: email }, { subject: email }, { actorUserId: await userIdOf(email) }] } : {}),
  };
  let after = -1n;
  if (limit !== undefined) {
    const [first] = await db.auditEntry.findMany({
      where,
      orderBy: { id: 'desc' },
      skip: limit - 1,
      take: 1,
    });
    if (first) after = first.id - 1n;
  }
  for (;;) {
    const rows = await db.auditEntry.findMany({
      where: { ...where, id: { gt: after } },
      orderBy: { id: 'asc' },
      take: READ_AT_ONCE,
    });
    for (const row of rows) yield toRecorded(row);
    const last = rows.at(-1);
    if (!last) return;
    after = last.id;
  }
}

async function userIdOf(user: string): Promise<number> {
  if (/^[1-9]\d{0,8}$/.test(user)) return Number(user);
  // No row has -1: of an account that is gone, its address is left.
  return (await db.user.findUnique({ where: { email: user }, select: { id: true } }))?.id ?? -1;
}

/** Clean once more: other programs may have written rows too. */
function toRecorded(row: Row & { id: bigint }): RecordedEntry {
  return {
    id: Number(row.id),
    at: row.at,
    action: printable(row.action, LONGEST_NAME),
    actor: printable(row.actor, LONGEST_NAME),
    userId: row.actorUserId,
    tokenId: row.actorTokenId,
    subject: row.subject === null ? null : printable(row.subject, LONGEST_NAME),
    address: printable(row.address, LONGEST_ADDRESS),
    agent: printable(row.agent, LONGEST_AGENT),
    detail: row.detail === null ? null : parseDetail(row.detail),
  };
}

function parseDetail(text: string): unknown {
  const clean = printable(text, LONGEST_DETAIL);
  try {
    return JSON.parse(clean);
  } catch {
    return clean;
  }
}

function toRow({ action, by, subject, detail }: AuditEntry, at: Date): Row {
  return {
    at,
    action,
    actor: printable(by.name, LONGEST_NAME),
    actorUserId: by.userId ?? null,
    actorTokenId: by.tokenId ?? null,
    subject: subject === undefined ? null : printable(subject, LONGEST_NAME),
    address: printable(by.address, LONGEST_ADDRESS),
    agent: printable(by.agent, LONGEST_AGENT),
    detail: detail === undefined ? null : boundedJson(detail),
  };
}

function boundedJson(detail: NonNullable<AuditEntry['detail']>): string {
  const clean = Object.entries(detail).map(([name, value]) => [
    name,
    typeof value === 'string' ? printable(value, LONGEST_NAME) : value,
  ]);
  const text = JSON.stringify(Object.fromEntries(clean));
  return text.length <= LONGEST_DETAIL ? text : JSON.stringify({ cut: printable(text, LONGEST_DETAIL / 2) });
}

/** The fields of the log line: those of the row that say something. */
function told({ actor, actorUserId, actorTokenId, subject, address, agent, detail }: Row) {
  return {
    actor,
    userId: actorUserId ?? undefined,
    apiTokenId: actorTokenId ?? undefined,
    subject: subject ?? undefined,
    address,
    agent,
    detail: detail === null ? undefined : JSON.parse(detail),
  };
}
