/**
 * The long jobs of this instance. What is told of one that runs is fleeting; a job of the queue is there meanwhile, put off again and
 * again as long as the process lives, and says that it was lost when that stops. The end takes its place, in one transaction.
 */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { KeptProgress, Progress, ProgressType } from '../definitions/progress-type.ts';
import type { EventTypeRegistry } from '../definitions/registry.ts';
import type { EventManager } from '../engine/event-manager.ts';
import type { JobQueue } from '../jobs/job-queue.ts';
import { PROGRESS } from '../jobs/own-kinds.ts';
import type { Starting } from '../notifications/provider.ts';
import { expiryOf, idempotencyKeySchema, parseSending } from '../notifications/sending.ts';
import { userIdSchema } from '../protocol/audience.ts';
import type { SqlDatabase, SqlRunner } from '../storage/database.ts';
import type { EventLog } from '../storage/event-log.ts';
import type { Recipients } from '../storage/recipients.ts';
import { type ProgressJob, RunningJob } from './running-job.ts';

/** A job as the queue keeps it. */
export interface KeptJob extends Omit<KeptProgress, 'progress'> {
  eventType: string;
  user: string;
}

export interface ProgressJobsOptions {
  database: SqlDatabase;
  manager: EventManager;
  eventTypes: EventTypeRegistry;
  eventLog: EventLog;
  recipients: Recipients;
  jobs: JobQueue;
  now: () => Date;
  onError: (error: unknown) => void;
}

const SILENT_AFTER_SECONDS = 60;
const LONGEST_SILENCE_SECONDS = 24 * 60 * 60;
const LONGEST_KEY = 200;

const startingSchema = z.object({
  to: z.strictObject({ user: userIdSchema }),
  payload: z.unknown(),
  key: idempotencyKeySchema(LONGEST_KEY).default(() => randomBytes(12).toString('base64url')),
  silentAfter: z.number().min(1).max(LONGEST_SILENCE_SECONDS).default(SILENT_AFTER_SECONDS),
});

/** What is said of a job when it starts, with what was left out. @throws BelfryError `invalid_input`. */
export function parseStarting(starting: Starting) {
  const { to, ...rest } = parseSending(startingSchema, starting);
  return { ...rest, user: to.user };
}

/** See the file's head. */
export class ProgressJobs {
  readonly #parts: ProgressJobsOptions;
  readonly #running = new Set<RunningJob<never>>();

  constructor(parts: ProgressJobsOptions) {
    this.#parts = parts;
  }

  /** @throws BelfryError `invalid_input` or `unknown_event_type`. */
  async start<Result>(
    { name: eventType }: Pick<ProgressType, 'name'>,
    { user, payload, key, silentAfter }: ReturnType<typeof parseStarting>,
  ): Promise<ProgressJob<Result>> {
    const { database, manager, eventTypes, eventLog, recipients, jobs, now, onError } = this.#parts;
    const kept: KeptJob = { eventType, user, key, startedAt: now().toISOString(), payload };
    eventTypes.parsePayload(eventType, payloadOf(kept, { state: 'running', fraction: null, note: null }));
    const silentAfterMs = silentAfter * 1_000;
    const uniqueKey = `${PROGRESS} ${nameOf(kept)}`;
    const watch = () => ({
      kind: PROGRESS,
      uniqueKey,
      payload: kept,
      dueAt: new Date(now().getTime() + silentAfterMs),
    });
    const isOver = await eventLog.hasKey(endKey(kept));
    if (!isOver) await jobs.replace(watch());
    const addressed = { targetUserId: await recipients.idOf(user), target: user, topicId: null };
    const job: RunningJob<Result> = new RunningJob({
      key,
      silentAfterMs,
      isOver,
      send: (progress) => manager.sendEphemeral({ name: eventType }, addressed, payloadOf(kept, progress)),
      // Only where it is still there: what was told of, or removed with its user, does not come back.
      renew: () =>
        database.transaction(async (tx) => {
          if (await jobs.cancel(uniqueKey, { tx })) await jobs.enqueue(watch(), { tx });
        }),
      end: async (progress) => {
        await database.transaction(async (tx) => {
          await jobs.cancel(uniqueKey, { tx });
          await this.#store(tx, kept, progress, endKey(kept));
        });
        // It gets its id now.
        await manager.catchUp();
      },
      onError,
      onStop: () => this.#running.delete(job),
    });
    if (!isOver) this.#running.add(job);
    return job;
  }

  /** Stores that nothing was heard of a job for too long. */
  tellLost(tx: SqlRunner, kept: KeptJob): Promise<void> {
    return this.#store(tx, kept, { state: 'lost' });
  }

  /** Tells nothing more of what runs here. It can still end. */
  close(): void {
    for (const job of this.#running) job.stop();
  }

  #store(tx: SqlRunner, kept: KeptJob, progress: Progress, idempotencyKey?: string): Promise<void> {
    const { manager, eventTypes, now } = this.#parts;
    const { priority, expiresIn } = eventTypes.job(kept.eventType);
    const expiresAt = expiryOf({ expiresIn }, now());
    const draft = {
      eventType: kept.eventType,
      payload: payloadOf(kept, progress),
      priority,
      expiresAt,
      idempotencyKey,
    };
    return manager.createWithin(tx, draft, { user: kept.user });
  }
}

function payloadOf({ key, startedAt, payload }: KeptJob, progress: Progress): KeptProgress {
  return { key, startedAt, payload, progress };
}

/** Keys are each user's own, and each type's. */
function nameOf({ eventType, user, key }: KeptJob): string {
  return JSON.stringify([eventType, user, key]);
}

function endKey(kept: KeptJob): string {
  return `progress:${nameOf(kept)}`;
}
