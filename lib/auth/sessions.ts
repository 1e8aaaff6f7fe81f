/**
 * Sessions: one row for each browser in which a person signed in. The cookie carries nothing but the id
 * of its row, which is random and never used again; the row, with the account's beside it, decides.
 *
 * A session stands until it is ended, was not used for 30 days, or began 90 days ago; and while its
 * account is there and not disabled.
 */
import { randomBytes } from 'node:crypto';
import { setImmediate as endOfTurn, setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { Prisma } from '../../generated/prisma/client.ts';
import { fixed, sql, toDate, toNumber } from '../belfry/storage/database.ts';
import { type Database, db, sqlOf } from '../database/db.ts';
import { asRole, type Role } from './role.ts';
import { SESSION_SECONDS } from './session-cookie.ts';
import { announceEnded, type EndedSessions } from './session-end.ts';

// 192 bits: nobody guesses one, and none comes twice.
const ID_BYTES = 24;
const DAY_MS = 24 * 60 * 60_000;
const UNUSED_FOR_MS = 30 * DAY_MS;
const LASTS_MS = SESSION_SECONDS * 1_000;
// Long enough to answer "which of my browsers was that?".
const KEEP_ENDED_MS = 7 * DAY_MS;
const CLEAN_UP_BATCH = 250;
const CLEAN_UP_PAUSE_MS = 5;
const LONGEST_LIST = 100;
// Ids are written out one by one in a statement, and the embedded database answers within one turn.
const CHECKED_AT_ONCE = 250;
// By how much the clocks of instances, of scripts and of the database may differ.
const CLOCK_MARGIN_MS = 15_000;

/** What the cookie holds. Nothing else in it counts. */
export const sessionClaimsSchema = z.object({ sessionId: z.string().min(1).max(100) });

/** Where a request comes from, as it is kept with a session. */
export interface Client {
  /** From `clientAddress`. */
  address: string;
  /** The User-Agent header. */
  agent: string;
}

// Headers have no length of their own: what does not fit says nothing that people could use.
const LONGEST_ADDRESS = 64;
const LONGEST_AGENT = 400;

export interface SessionAccount {
  sessionId: string;
  /** The account's number. */
  id: number;
  /** Names the account and no other, also where a restored database gives the number out again. */
  key: string;
  email: string;
  name: string;
  role: Role;
  /** The language that they have chosen, as a BCP 47 tag; null: none. */
  language: string | null;
  lastSeenAt: Date;
  /** When it ends however much it is used. */
  endsAt: Date;
}

/**
 * Begins a session of the account, if its password still is the one that was just checked and it is not
 * disabled: whoever changes it meanwhile ends this session as well.
 *
 * @param account.passwordHash As it was when the password was checked.
 * @returns The id for the cookie, or null.
 */
export async function createSession(
  account: { id: number; passwordHash: string },
  client: Client,
): Promise<string | null> {
  const { id: userId, passwordHash } = account;
  const id = randomBytes(ID_BYTES).toString('base64url');
  const now = new Date();
  return db.$transaction(async (tx) => {
    // Changes nothing, and has whoever changes the password wait: they find the session then, and end it.
    const { count } = await tx.user.updateMany({
      where: { id: userId, passwordHash, disabledAt: null },
      data: { passwordHash },
    });
    if (count === 0) return null;
    const data = { id, userId, createdAt: now, lastSeenAt: now, ...shortened(client) };
    await tx.session.create({ data });
    return id;
  });
}

type Time = Parameters<typeof toDate>[0];

interface SessionRow {
  user_id: bigint | number;
  created_at: Time;
  last_seen_at: Time;
  email: string;
  name: string;
  role: string;
  language: string | null;
  account_created_at: Time;
}

const database = sqlOf(db);

// In plain SQL past the client, since every request asks: `findUnique` takes several times the CPU. LIMIT: a plain join
// SQLite plans anew for each id, which takes longer than the whole query.
const SESSION_WITH_ACCOUNT = fixed(
  (sessionId: string) => sql`
    SELECT s.user_id, s.created_at, s.last_seen_at, u.email, u.name, u.role, u.language, u.created_at AS account_created_at
    FROM (
      SELECT user_id, created_at, last_seen_at FROM session WHERE id = ${sessionId} AND ended_at IS NULL LIMIT 1
    ) s JOIN "user" u ON u.id = s.user_id
    WHERE u.disabled_at IS NULL`,
);

/** The session with its account as it is now, or null when it does not stand. One query by primary key. */
export async function findSession(sessionId: string): Promise<SessionAccount | null> {
  const [row] = await database.query<SessionRow>(SESSION_WITH_ACCOUNT(sessionId));
  if (!row) return null;
  const standing = standingAfter();
  const createdAt = toDate(row.created_at) as Date;
  const lastSeenAt = toDate(row.last_seen_at) as Date;
  const accountCreatedAt = toDate(row.account_created_at) as Date;
  // What is no time at all, written by hand perhaps, is not after any.
  if (!(createdAt > standing.createdAt && lastSeenAt > standing.lastSeenAt)) return null;
  const { email, name, role, language } = row;
  const id = toNumber(row.user_id);
  return {
    sessionId,
    id,
    key: `${id}-${accountCreatedAt.getTime().toString(36)}`,
    email,
    name,
    role: asRole(role),
    language,
    lastSeenAt,
    endsAt: new Date(createdAt.getTime() + LASTS_MS),
  };
}

/** Ends one session of a person's own, and its streams. Somebody else's id, or an ended one: nothing. */
export async function endSession({
  userId,
  sessionId,
}: {
  userId: number;
  sessionId: string;
}): Promise<boolean> {
  const { count } = await db.session.updateMany({
    where: { id: sessionId, userId, endedAt: null },
    data: { endedAt: new Date() },
  });
  if (count > 0) announceEnded({ userId, sessionIds: [sessionId] });
  return count > 0;
}

/** Ends all sessions of a person but one, and their streams. Returns how many. */
export async function endOtherSessions({
  userId,
  sessionId,
}: {
  userId: number;
  sessionId: string;
}): Promise<number> {
  const ended = await endSessionsWithin(db, { userId, except: sessionId });
  announceEnded(ended);
  return ended.sessionIds.length;
}

/** Ends all sessions of a person, and their streams. Returns how many. */
export async function endSessionsOf(userId: number): Promise<number> {
  const ended = await endSessionsWithin(db, { userId });
  announceEnded(ended);
  return ended.sessionIds.length;
}

/** Ends sessions as part of a transaction; the caller announces them after the commit. */
export async function endSessionsWithin(
  tx: Pick<Database, '$queryRaw'>,
  { userId, except = '' }: { userId: number; except?: string | undefined },
): Promise<EndedSessions> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    UPDATE session SET ended_at = ${new Date()}
    WHERE user_id = ${userId} AND ended_at IS NULL AND id <> ${except} RETURNING id`;
  return { userId, sessionIds: rows.map(({ id }) => id) };
}

export interface ListedSession {
  id: string;
  createdAt: Date;
  lastSeenAt: Date;
  address: string;
  agent: string;
}

/** The sessions of a person that stand, those used last first: at most a hundred. */
export async function listSessions(userId: number): Promise<ListedSession[]> {
  const { createdAt, lastSeenAt } = standingAfter();
  return db.session.findMany({
    where: { userId, endedAt: null, createdAt: { gt: createdAt }, lastSeenAt: { gt: lastSeenAt } },
    orderBy: [{ lastSeenAt: 'desc' }, { id: 'asc' }],
    take: LONGEST_LIST,
    select: { id: true, createdAt: true, lastSeenAt: true, address: true, agent: true },
  });
}

/** A session that something long-lived was opened with. */
export interface OpenSession {
  id: string;
  /** The account's role at that time. Left out: it does not matter. */
  role?: string | undefined;
}

/**
 * Looks at sessions in steps with pauses, however many they are.
 *
 * @returns The ids, each once, of those that no longer stand (`ended`), of those whose account has another role
 * by now (`changed`), and of those that stand and were last seen before `unseenSince` (`unseen`).
 */
export async function checkSessions(
  open: readonly OpenSession[],
  unseenSince: Date,
): Promise<{ ended: string[]; changed: string[]; unseen: string[] }> {
  const ids = [...new Set(open.map(({ id }) => id))];
  const roles = new Map<string, string>();
  const unseen: string[] = [];
  for (let at = 0; at < ids.length; at += CHECKED_AT_ONCE) {
    const { createdAt, lastSeenAt } = standingAfter();
    const rows = await db.$queryRaw<{ id: string; role: string; is_unseen: unknown }[]>`
      SELECT s.id, u.role, s.last_seen_at < ${unseenSince} AS is_unseen
      FROM session s JOIN "user" u ON u.id = s.user_id
      WHERE s.id IN (${Prisma.join(ids.slice(at, at + CHECKED_AT_ONCE))}) AND s.ended_at IS NULL
        AND s.created_at > ${createdAt} AND s.last_seen_at > ${lastSeenAt} AND u.disabled_at IS NULL`;
    for (const { id, role, is_unseen: isUnseen } of rows) {
      roles.set(id, role);
      if (isUnseen) unseen.push(id);
    }
    await endOfTurn();
  }
  const ended = ids.filter((id) => !roles.has(id));
  const changed = open.filter(
    ({ id, role }) => role !== undefined && roles.has(id) && roles.get(id) !== role,
  );
  return { ended, changed: [...new Set(changed.map(({ id }) => id))], unseen };
}

/** The sessions that were ended just now, by whichever process. By an index; most often there are none. */
export async function findEndedLately(): Promise<{ userId: number; id: string }[]> {
  return db.session.findMany({
    where: { endedAt: { gt: new Date(Date.now() - CLOCK_MARGIN_MS) } },
    select: { userId: true, id: true },
  });
}

/** Removes sessions that ended long ago, in small steps. Returns how many. */
export async function removeOldSessions(now = Date.now()): Promise<number> {
  const endedBefore = new Date(now - KEEP_ENDED_MS);
  const seenBefore = new Date(now - UNUSED_FOR_MS - KEEP_ENDED_MS);
  // One after the other, each by an index of its own.
  return (
    (await inSteps(
      () => db.$executeRaw`
        DELETE FROM session WHERE id IN (
          SELECT id FROM session WHERE ended_at <= ${endedBefore} LIMIT ${CLEAN_UP_BATCH})`,
    )) +
    (await inSteps(
      () => db.$executeRaw`
        DELETE FROM session WHERE id IN (
          SELECT id FROM session WHERE last_seen_at <= ${seenBefore} LIMIT ${CLEAN_UP_BATCH})`,
    ))
  );
}

async function inSteps(remove: () => Promise<number>): Promise<number> {
  let total = 0;
  for (;;) {
    const removed = await remove();
    total += removed;
    if (removed < CLEAN_UP_BATCH) return total;
    await sleep(CLEAN_UP_PAUSE_MS);
  }
}

/** As a row holds it. */
export function shortened({ address, agent }: Client): Client {
  return { address: address.slice(0, LONGEST_ADDRESS), agent: agent.slice(0, LONGEST_AGENT) };
}

/** A session stands that began after the one and was last seen after the other. */
function standingAfter(): { createdAt: Date; lastSeenAt: Date } {
  const now = Date.now();
  return { createdAt: new Date(now - LASTS_MS), lastSeenAt: new Date(now - UNUSED_FOR_MS) };
}
