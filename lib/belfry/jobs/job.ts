/** What a job is, and what whoever makes one, runs one or watches them has to say. */
import type { SqlRunner } from '../storage/database.ts';

/** Work that is to be done. */
export interface NewJob {
  /** Which handler runs it. An instance that has no handler for it leaves it to others. */
  kind: string;
  /** Anything that JSON can hold. */
  payload?: unknown;
  /** Not before, by the server's clock. Default: at once. */
  dueAt?: Date | undefined;
  /** While a job with this key waits or runs there is no second one; one that was given up does not count. */
  uniqueKey?: string | undefined;
}

/** A job as its handler is told of it. */
export interface Job {
  id: number;
  kind: string;
  dueAt: Date;
  createdAt: Date;
  /** How often it has failed so far. */
  attempts: number;
}

/** A job that was given up, for whoever looks after the server. */
export interface FailedJob extends Job {
  /** JSON text. */
  payload: string;
  lastError: string;
  failedAt: Date;
}

/** How a job that did not throw ended otherwise than by being done. */
export interface NotDone {
  /** What the log and the list of failed jobs say. */
  reason: string;
  /** To be tried again after so long, instead of after the usual pause. The attempt counts. */
  retryAfterMs?: number;
  /** Trying again is of no use. */
  giveUp?: boolean;
}

/** What happens when a job is due. */
export interface JobHandler<Payload = unknown> {
  /**
   * For work on the database alone. It commits together with the end of the job: both happen, once, or neither
   * does. Several jobs may share a transaction, one after the other, so it has to be short: it fails after 3 s.
   * What it does outside of `tx` may happen several times.
   */
  transact?: (work: { payload: Payload; job: Job; tx: SqlRunner }) => Promise<void>;
  /**
   * For work that reaches outside, or takes long. It is run at least once: again after an instance was killed, or
   * lost the database, in the midst of it. `signal` says that the server stops and waits no longer.
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: most handlers return nothing
  run?: (work: { payload: Payload; job: Job; signal: AbortSignal }) => Promise<NotDone | void>;
  /** Failures after which it is given up. Default 10. */
  maxAttempts?: number;
  /** The pause after the first failure, in milliseconds; each is twice the one before. Default 5,000. */
  firstRetryMs?: number;
  /** How many that `run` are under way at once in this instance. Default 10. */
  concurrency?: number;
}

/** Told of every attempt as it ends. Cheap, and never failing. */
export interface JobObserver {
  /** `failed`: it was given up. `lateMs`: how long after its time it began. */
  ended: (attempt: { kind: string; outcome: 'done' | 'retried' | 'failed'; lateMs: number }) => void;
}

/** The part of a log that is used. What has a `code` is to be counted by it. */
export interface JobLog {
  warn: (fields: object, message: string) => void;
  error: (fields: object, message: string) => void;
}

// A receiver that is down for the night is not asked every few minutes, and is served soon after it is back.
export const LONGEST_RETRY_MS = 60 * 60_000;

/** The pause after so many failures, in milliseconds: somewhere in its upper half, so that jobs that failed together do not come back together. */
export function retryPauseMs(attempts: number, firstRetryMs: number): number {
  const pause = Math.min(firstRetryMs * 2 ** (attempts - 1), LONGEST_RETRY_MS);
  return Math.round(pause * (0.5 + Math.random() / 2));
}
