/**
 * What is asked, and what was answered first: the writer of the table `belfry_question`. Whoever answers does so in the
 * transaction of the effect, so that of several who press at once one is first, and the others are told who.
 */
import { randomBytes } from 'node:crypto';
import {
  join,
  limitTo,
  type Sql,
  type SqlDatabase,
  type SqlRunner,
  sql,
  toDate,
  toNumber,
} from '../storage/database.ts';

/** What was answered. */
export interface Answered {
  action: string;
  /** What was filled in. */
  input: unknown;
  /** The app's own id of the user. */
  by: string;
  at: Date;
}

/** What is about to be asked. */
export interface NewQuestion {
  id: string;
  key: string | null;
  eventType: string;
  payload: unknown;
  payloadVersion: number;
  askedBy: string | null;
  expiresAt: Date | null;
}

/** A question as it stands. */
export interface QuestionState extends NewQuestion {
  answer: Answered | null;
  withdrawnAt: Date | null;
}

interface QuestionRow {
  id: string;
  key: string | null;
  event_type: string;
  payload: string;
  payload_version: bigint | number;
  asked_by: string | null;
  expires_at: Date | number | null;
  answered_at: Date | number | null;
  answered_by: string | null;
  action: string | null;
  input: string | null;
  withdrawn_at: Date | number | null;
}

/** An event by which somebody was asked. */
export interface AskedEvent {
  id: number;
  /** The recipient's number. */
  userId: number;
}

const BATCH = 250;

export function newQuestionId(): string {
  return randomBytes(12).toString('base64url');
}

/** Whether it can still be answered. */
export function isOpen({ answer, withdrawnAt, expiresAt }: QuestionState, at: Date): boolean {
  return answer === null && withdrawnAt === null && (expiresAt === null || expiresAt > at);
}

/** See the file's head. */
export class Questions {
  readonly #database: SqlDatabase;
  readonly #now: () => Date;

  constructor(database: SqlDatabase, now: () => Date) {
    this.#database = database;
    this.#now = now;
  }

  /** Stores a question; where one has its key already, nothing. One statement, asked before this returns. */
  async add(tx: SqlRunner, question: NewQuestion): Promise<void> {
    const { id, key, eventType, payload, payloadVersion, askedBy, expiresAt } = question;
    await tx.execute(sql`
      INSERT INTO belfry_question (id, key, event_type, payload, payload_version, asked_by, created_at, expires_at)
      VALUES (${id}, ${key}, ${eventType}, ${JSON.stringify(payload)}, ${payloadVersion}, ${askedBy}, ${this.#now()},
        ${expiresAt})
      ON CONFLICT (key) DO NOTHING`);
  }

  /** The questions that have these ids. */
  find(ids: readonly string[], runner: SqlRunner = this.#database): Promise<QuestionState[]> {
    return findQuestions(runner, ids);
  }

  /** The question that was asked with a key. */
  async findByKey(key: string, runner: SqlRunner = this.#database): Promise<QuestionState | null> {
    const [found] = await readQuestions(runner, sql`key = ${key}`);
    return found ?? null;
  }

  /** The question that an event asks. */
  async findByEvent(eventId: number): Promise<QuestionState | null> {
    const [found] = await readQuestions(
      this.#database,
      sql`id = (SELECT e.question_id FROM belfry_event e WHERE e.id = ${eventId})`,
    );
    return found ?? null;
  }

  /** The events by which people were asked, oldest first. */
  async eventsOf(id: string, runner: SqlRunner = this.#database): Promise<AskedEvent[]> {
    const rows = await runner.query<{ id: bigint | number; target_userid: bigint | number }>(sql`
      SELECT id, target_userid FROM belfry_event WHERE question_id = ${id} ORDER BY id`);
    return rows.map((row) => ({ id: toNumber(row.id), userId: toNumber(row.target_userid) }));
  }

  /** Notes the answer, if the question is still open. False: it is not. */
  async answer(tx: SqlRunner, id: string, { action, input, by, at }: Answered): Promise<boolean> {
    const changed = await tx.execute(sql`
      UPDATE belfry_question SET answered_at = ${at}, answered_by = ${by}, action = ${action},
        input = ${JSON.stringify(input ?? null)}
      WHERE id = ${id} AND answered_at IS NULL AND withdrawn_at IS NULL AND (expires_at IS NULL OR expires_at > ${at})`);
    return changed > 0;
  }

  /** Takes a question back, if it is still open. False: it is not. */
  async withdraw(tx: SqlRunner, id: string, at: Date): Promise<boolean> {
    const changed = await tx.execute(sql`
      UPDATE belfry_question SET withdrawn_at = ${at}
      WHERE id = ${id} AND answered_at IS NULL AND withdrawn_at IS NULL AND (expires_at IS NULL OR expires_at > ${at})`);
    if (changed === 0) return false;
    await tx.execute(sql`UPDATE belfry_event SET expires_at = ${at} WHERE question_id = ${id}`);
    return true;
  }

  /** Takes the answer, for whoever waited or for the job that runs when nobody did. False: the other one has it. */
  async take(id: string, by: 'waiter' | 'job'): Promise<boolean> {
    const changed = await this.#database.execute(sql`
      UPDATE belfry_question SET taken_by = ${by}
      WHERE id = ${id} AND answered_at IS NOT NULL AND (taken_by IS NULL OR taken_by = ${by})`);
    return changed > 0;
  }

  /** Removes what was answered, taken back or over before an instant. */
  async removeOld(before: Date): Promise<void> {
    let removed = BATCH;
    while (removed === BATCH) {
      removed = await this.#database.execute(sql`
        DELETE FROM belfry_question WHERE id IN (
          SELECT id FROM belfry_question
          WHERE answered_at <= ${before} OR withdrawn_at <= ${before} OR expires_at <= ${before} ${limitTo(BATCH)})`);
    }
  }
}

/** The questions that have these ids, in whatever order. */
export async function findQuestions(runner: SqlRunner, ids: readonly string[]): Promise<QuestionState[]> {
  return ids.length === 0 ? [] : readQuestions(runner, sql`id IN (${join([...new Set(ids)])})`);
}

async function readQuestions(runner: SqlRunner, condition: Sql): Promise<QuestionState[]> {
  const rows = await runner.query<QuestionRow>(sql`
    SELECT id, key, event_type, payload, payload_version, asked_by, expires_at, answered_at, answered_by, action, input,
      withdrawn_at
    FROM belfry_question WHERE ${condition}`);
  return rows.map(toState);
}

function toState(row: QuestionRow): QuestionState {
  const at = toDate(row.answered_at);
  return {
    id: row.id,
    key: row.key,
    eventType: row.event_type,
    payload: JSON.parse(row.payload),
    payloadVersion: toNumber(row.payload_version),
    askedBy: row.asked_by,
    expiresAt: toDate(row.expires_at),
    answer:
      at === null
        ? null
        : {
            action: row.action ?? '',
            input: row.input === null ? null : JSON.parse(row.input),
            by: row.answered_by ?? '',
            at,
          },
    withdrawnAt: toDate(row.withdrawn_at),
  };
}
