/**
 * The one queue: work for later, or for whichever instance comes to it, kept in the database.
 *
 * - What works on the database alone (`transact`) is locked, run and removed in one transaction: it happens once.
 *   An instance that is killed in the midst of it leaves no trace, and the next one runs it.
 * - What reaches outside (`run`) is taken under a lease, run, and removed: it happens at least once. The lease is
 *   renewed while it runs; that of an instance that was killed runs out.
 *
 * Failures are logged, tried again after growing pauses, and in the end given up: the row stays, for `failed` and
 * `retry`. A database that is away is nobody's failure.
 */
import { randomUUID } from 'node:crypto';
import type { SqlDatabase, SqlRunner } from '../storage/database.ts';
import { GroupCommit } from '../storage/group-commit.ts';
import {
  type FailedJob,
  type JobHandler,
  type JobLog,
  type JobObserver,
  LONGEST_RETRY_MS,
  type NewJob,
  type NotDone,
  retryPauseMs,
} from './job.ts';
import { type DueJob, type JobRow, JobTable, LEASE_MS } from './job-table.ts';

export interface JobQueueOptions {
  database: SqlDatabase;
  log: JobLog;
  /** The server's clock. Default: the machine's. */
  now?: () => Date;
  observe?: JobObserver;
}

// A commit costs the same for one job as for many; more than this gain little, and hold SQLite's one writer for long.
const JOBS_A_TRANSACTION = 100;
// Others who write wait meanwhile: what is left goes into the next transaction.
const LONGEST_SHARE_MS = 100;
// Below the 5 s after which Prisma, for one, ends a transaction: the job is to blame then, and not the database.
const TRANSACT_LIMIT_MS = 3_000;
const MAX_ATTEMPTS = 10;
const FIRST_RETRY_MS = 5_000;
const CONCURRENCY = 10;
// Another instance may have added something, or have been killed. One indexed look.
const LONGEST_SLEEP_MS = 5_000;
// What is due and could not be had: another has it, or the database is away.
const PAUSE_MS = 1_000;
// Two renewals may fail before the lease runs out.
const RENEW_MS = LEASE_MS / 3;
// What an operator steps by hand or NTP sets right at once; slower corrections hold nothing up.
const CLOCK_STEP_MS = 1_000;
const STOP_LIMIT_MS = 3_000;
// A database that hangs does not hold up the end of the process.
const HAND_BACK_LIMIT_MS = 1_000;
const LONGEST_REASON = 1_000;

/** How a job that was run under a lease ended. */
interface Ending {
  job: DueJob;
  outcome: Outcome;
}

/** `untried`: the database was away, and the attempt does not count. */
type Outcome = 'done' | 'untried' | NotDone;

/** One queue on one database; every instance has one. */
export class JobQueue {
  readonly #table: JobTable;
  readonly #database: SqlDatabase;
  readonly #log: JobLog;
  readonly #observe: JobObserver;
  readonly #now: () => Date;
  readonly #adding: GroupCommit<JobRow, number | null>;
  readonly #handlers = new Map<string, JobHandler>();
  /** How often kinds recur, in milliseconds. */
  readonly #intervals = new Map<string, number>();
  /** What is under way under a lease, by id. */
  readonly #held = new Map<number, { job: DueJob; over: Promise<void> }>();
  readonly #abort = new AbortController();
  #endings: Ending[] = [];
  /** So many jobs are run each in a transaction of its own: one whose end failed does not say for which of them. */
  #oneByOne = 0;
  #begun = false;
  #inTrouble = false;
  #clockLead: number;
  #woken = false;
  /** Who waits until nothing is due or under way. */
  #idle: (() => void)[] = [];
  #alarm: (() => void) | null = null;
  #loop: Promise<void> | null = null;
  #stopping = false;
  #renewal: NodeJS.Timeout | undefined;

  constructor({ database, log, now = () => new Date(), observe = { ended: () => {} } }: JobQueueOptions) {
    this.#database = database;
    this.#table = new JobTable(database, randomUUID());
    this.#log = log;
    this.#observe = observe;
    this.#now = now;
    this.#clockLead = now().getTime() - performance.now();
    this.#adding = new GroupCommit(
      (rows) => this.#table.insert(rows),
      (error) => database.isUnavailable(error),
    );
  }

  /** Says what happens when a job of this kind is due: one of `transact` and `run`. A kind that is there is replaced. */
  define<Payload>(kind: string, handler: JobHandler<Payload>): void {
    if ((handler.transact === undefined) === (handler.run === undefined)) {
      throw new TypeError(`The handler of ${kind} needs either transact or run.`);
    }
    this.#handlers.set(kind, handler as JobHandler);
  }

  /**
   * Runs a kind again and again, without payload: at once, then so long after each end, in one instance at a time
   * and only once for all. It is never given up. Call it before `start`, with the same interval everywhere.
   */
  every(kind: string, seconds: number): void {
    this.#intervals.set(kind, seconds * 1_000);
  }

  /**
   * Adds a job. Resolves to its id once it is durable; with `tx` once it is part of that transaction, after whose
   * commit the caller calls `wake`. Null: its key is taken, and nothing was added.
   */
  async enqueue(job: NewJob, { tx }: { tx?: SqlRunner | undefined } = {}): Promise<number | null> {
    const row = this.#toRow(job);
    const id = tx ? (await this.#table.insert([row], tx))[0] : await this.#adding.add(row);
    this.#added([row], tx);
    return id ?? null;
  }

  /** Adds any number, all or none. Ids, and null where a key is taken, in the order of the jobs. */
  async enqueueMany(
    jobs: readonly NewJob[],
    { tx }: { tx?: SqlRunner | undefined } = {},
  ): Promise<(number | null)[]> {
    const rows = jobs.map((job) => this.#toRow(job));
    const ids = await this.#table.insert(rows, tx);
    this.#added(rows, tx);
    return ids;
  }

  /**
   * Adds a job, or puts it in the place of the one that has its key: so its time is moved. If that one is under way
   * outside, it may come to its end, and the new one is run all the same. Resolves to the id.
   */
  async replace(
    job: NewJob & { uniqueKey: string },
    { tx }: { tx?: SqlRunner | undefined } = {},
  ): Promise<number> {
    const row = this.#toRow(job);
    const id = await this.#table.replace(row, tx);
    this.#added([row], tx);
    return id;
  }

  /** Takes back the job that has this key. False when there is none. What is under way outside may come to its end. */
  cancel(uniqueKey: string, { tx }: { tx?: SqlRunner | undefined } = {}): Promise<boolean> {
    return this.#table.cancel(uniqueKey, tx);
  }

  /** What was given up, newest first. */
  failed({ limit = 100 }: { limit?: number } = {}): Promise<FailedJob[]> {
    return this.#table.failed(limit);
  }

  /** Gives a job that was given up all its attempts again, at once. False when there is none, or another has its key by now. */
  async retry(id: number): Promise<boolean> {
    const retried = await this.#table.retry(id, this.#clock());
    if (retried) this.wake();
    return retried;
  }

  /** Forgets what was given up before then. Returns how many. */
  removeFailed(before: Date): Promise<number> {
    return this.#table.removeFailed(before);
  }

  /** Begins to run what is due. Twice is once. It keeps no process alive. */
  start(): void {
    if (this.#loop !== null) return;
    this.#renewal = setInterval(() => void this.#renew(), RENEW_MS).unref();
    this.#loop = this.#goOn();
  }

  /**
   * Runs what is due now, and resolves when none of it is left or under way: for an instance that is not there all the
   * time, and is woken by a clock outside. It starts the queue if need be.
   */
  async runUntilIdle(): Promise<void> {
    this.start();
    const idle = new Promise<void>((resolve) => this.#idle.push(resolve));
    this.wake();
    await idle;
  }

  /** There is something due now that this queue was not told of: in a transaction that has committed, or by another instance. */
  wake(): void {
    this.#woken = true;
    this.#alarm?.();
  }

  /**
   * Takes nothing more, and lets what is under way come to its end. What has not by then is told so by its signal,
   * and is left to others. Never fails.
   */
  async stop({ limitMs = STOP_LIMIT_MS }: { limitMs?: number } = {}): Promise<void> {
    this.#stopping = true;
    this.wake();
    // The loop may be taking something at this moment.
    const atRest = Promise.resolve(this.#loop).then(() => Promise.all(this.#running()));
    await within(atRest, limitMs).catch(() => this.#abort.abort());
    clearInterval(this.#renewal);
    try {
      await within(this.#handBack(), HAND_BACK_LIMIT_MS);
    } catch (error) {
      // Then the leases run out.
      this.#noteTrouble(error);
    }
  }

  async #handBack(): Promise<void> {
    await this.#writeEndings();
    await this.#table.release([...this.#held.values()].map(({ job }) => job));
  }

  /** Runs all that is due now, also what becomes due by it. For tests and scripts; without `start`. */
  async runDue(): Promise<void> {
    while ((await this.#pass()) === 0) await Promise.all(this.#running());
  }

  #toRow({ kind, payload = null, dueAt, uniqueKey = undefined }: NewJob): JobRow {
    const createdAt = this.#clock();
    const row = { kind, payload: JSON.stringify(payload), createdAt, uniqueKey: uniqueKey ?? null };
    // A time that is past already means the same as none, and is to survive a clock that goes back.
    return { ...row, dueAt: dueAt && dueAt > createdAt ? dueAt : createdAt };
  }

  #added(rows: readonly JobRow[], tx: SqlRunner | undefined): void {
    const soon = this.#clock().getTime() + LONGEST_SLEEP_MS;
    if (!tx && rows.some(({ dueAt }) => dueAt.getTime() < soon)) this.wake();
  }

  async #goOn(): Promise<void> {
    while (!this.#stopping) {
      this.#woken = false;
      let pauseMs = PAUSE_MS;
      try {
        pauseMs = await this.#pass();
        this.#inTrouble = false;
      } catch (error) {
        this.#noteTrouble(error);
        this.#woken = false;
      }
      if (pauseMs > 0 && !this.#woken && this.#held.size === 0) this.#tellIdle();
      if (pauseMs > 0) await this.#sleep(pauseMs);
    }
    this.#tellIdle();
  }

  #tellIdle(): void {
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #sleep(milliseconds: number): Promise<void> {
    if (this.#woken || this.#stopping) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds).unref();
      this.#alarm = () => {
        clearTimeout(timer);
        this.#alarm = null;
        resolve();
      };
    });
  }

  /** What recurs is there, and no further away than its interval: an instance may have been stopped for long, or another clock been wrong. */
  async #begin(): Promise<void> {
    const now = this.#clock();
    if (this.#begun) return;
    await this.#table.clockWentBack(now, LONGEST_RETRY_MS);
    const recurring = [...this.#intervals.keys()];
    await this.#table.insert(recurring.map((kind) => this.#toRow({ kind, uniqueKey: recurringKey(kind) })));
    for (const [kind, intervalMs] of this.#intervals) {
      await this.#table.noLaterThan(new Date(now.getTime() + intervalMs), recurringKey(kind));
    }
    this.#begun = true;
  }

  /** Returns after how many milliseconds to look again; 0 when something was run, so that there may be more. */
  async #pass(): Promise<number> {
    await this.#begin();
    // Before anything is taken: an ending is of the lease that is ours now.
    await this.#writeEndings();
    const now = this.#clock();
    const rooms = this.#rooms();
    const firsts = await this.#table.firstDue([...rooms.keys()], now);
    const due = firsts.filter(({ dueAt }) => dueAt <= now).map(({ kind }) => kind);
    if (due.length === 0) {
      const next = Math.min(...firsts.map(({ dueAt }) => dueAt.getTime() - now.getTime()));
      return Math.min(next, LONGEST_SLEEP_MS);
    }
    const transacted = due.filter((kind) => this.#handlers.get(kind)?.transact);
    const leased = due.filter((kind) => !transacted.includes(kind));
    let taken = leased.length > 0 ? await this.#claim(leased, rooms) : 0;
    if (transacted.length > 0) taken += await this.#transact(transacted);
    return taken > 0 ? 0 : PAUSE_MS;
  }

  /** How many more of each kind there is room for; what `transact`s is not held beyond its transaction. */
  #rooms(): Map<string, number> {
    const rooms = new Map<string, number>();
    for (const [kind, { concurrency = CONCURRENCY }] of this.#handlers) rooms.set(kind, concurrency);
    for (const { job } of this.#held.values()) rooms.set(job.kind, (rooms.get(job.kind) ?? 0) - 1);
    for (const [kind, room] of rooms) if (room <= 0) rooms.delete(kind);
    return rooms;
  }

  async #claim(kinds: readonly string[], rooms: Map<string, number>): Promise<number> {
    const lines = kinds.map((kind) => ({ kind, room: rooms.get(kind) ?? 0 }));
    const jobs = await this.#table.claim(lines, this.#clock());
    for (const job of jobs) this.#held.set(job.id, { job, over: this.#run(job) });
    return jobs.length;
  }

  /** Never fails. */
  async #run(job: DueJob): Promise<void> {
    let outcome: Outcome;
    try {
      const work = { payload: JSON.parse(job.payload), job, signal: this.#abort.signal };
      outcome = (await this.#handlerOf(job).run?.(work)) ?? 'done';
    } catch (error) {
      outcome = this.#database.isUnavailable(error) ? 'untried' : { reason: reasonOf(error) };
    }
    this.#endings.push({ job, outcome });
    // One pass writes all that ended until it came.
    if (this.#endings.length === 1) this.wake();
  }

  /** What ended under a lease leaves the table, or waits there for its next attempt. */
  async #writeEndings(): Promise<void> {
    const endings = this.#endings.splice(0);
    try {
      const ended = endings.filter(({ job }) => this.#held.get(job.id)?.job === job);
      const done = ended.filter(({ outcome }) => outcome === 'done').map(({ job }) => job);
      await this.#finish(done, { leased: true }, this.#database);
      await this.#table.release(ended.filter(({ outcome }) => outcome === 'untried').map(({ job }) => job));
      for (const { job, outcome } of ended) {
        if (typeof outcome === 'object') await this.#fail(job, outcome, { leased: true });
        this.#held.delete(job.id);
      }
      this.#observeDone(done);
    } catch (error) {
      // Each of these statements may be run again; the leases are ours meanwhile.
      this.#endings.unshift(...endings);
      throw error;
    }
  }

  /** Runs what is due in one transaction. Returns how many jobs came to an end, whatever it was. */
  async #transact(kinds: readonly string[]): Promise<number> {
    const done: DueJob[] = [];
    const afterCommit: (() => void)[] = [];
    let current: DueJob | null = null;
    const limit = this.#oneByOne > 0 ? 1 : JOBS_A_TRANSACTION;
    this.#oneByOne = Math.max(this.#oneByOne - 1, 0);
    try {
      await this.#database.transaction(async (tx) => {
        const due = await this.#table.lock(tx, { kinds, limit }, this.#clock());
        const began = performance.now();
        for (const job of due) {
          // What failed before would take the others back with it: it goes alone.
          if (done.length > 0 && job.attempts > 0) break;
          current = job;
          const work = {
            payload: JSON.parse(job.payload),
            job,
            tx,
            afterCommit: (tell: () => void) => void afterCommit.push(tell),
          };
          await within(this.#handlerOf(job).transact?.(work), TRANSACT_LIMIT_MS);
          done.push(job);
          if (job.attempts > 0 || performance.now() - began > LONGEST_SHARE_MS) break;
        }
        current = null;
        await this.#finish(done, { leased: false }, tx);
      });
    } catch (error) {
      if (this.#database.isUnavailable(error)) throw error;
      // Where the end of the transaction failed, whoever is alone in it is to blame.
      const culprit: DueJob | undefined = current ?? (done.length === 1 ? done[0] : undefined);
      if (culprit) await this.#fail(culprit, { reason: reasonOf(error) }, { leased: false });
      else if (done.length > 0) this.#oneByOne = done.length;
      else throw error;
      return 1;
    }
    for (const tell of afterCommit) tell();
    this.#observeDone(done);
    return done.length;
  }

  async #finish(jobs: readonly DueJob[], { leased }: { leased: boolean }, db: SqlRunner): Promise<void> {
    const recurring = jobs.filter((job) => this.#intervalOf(job) !== undefined);
    await this.#table.remove(
      jobs.filter((job) => !recurring.includes(job)),
      { leased },
      db,
    );
    for (const job of recurring) {
      const dueAt = new Date(this.#clock().getTime() + (this.#intervalOf(job) ?? 0));
      await this.#table.recur(job, { leased, dueAt }, db);
    }
  }

  async #fail(job: DueJob, failure: NotDone, { leased }: { leased: boolean }): Promise<void> {
    const { maxAttempts = MAX_ATTEMPTS, firstRetryMs = FIRST_RETRY_MS } = this.#handlerOf(job);
    // PostgreSQL refuses NUL in a text.
    const reason = failure.reason.slice(0, LONGEST_REASON).replaceAll('\0', '');
    const attempts = job.attempts + 1;
    const over = failure.giveUp === true || attempts >= maxAttempts;
    const intervalMs = this.#intervalOf(job);
    const recurs = over && intervalMs !== undefined;
    const pauseMs = failure.retryAfterMs ?? retryPauseMs(attempts, firstRetryMs);
    const now = this.#clock();
    const recorded = await this.#table.fail({
      job,
      reason,
      attempts: recurs ? 0 : attempts,
      dueAt: new Date(now.getTime() + (recurs ? intervalMs : pauseMs)),
      failedAt: over && !recurs ? now : null,
      leased,
    });
    if (!recorded) return;
    const fields = { jobId: job.id, kind: job.kind, attempts, reason };
    if (over) this.#log.error({ ...fields, code: 'job_given_up' }, 'a job was given up');
    else this.#log.warn({ ...fields, code: 'job_failed' }, 'a job failed, and is tried again');
    this.#observe.ended({ kind: job.kind, outcome: over ? 'failed' : 'retried', lateMs: job.lateMs });
  }

  #observeDone(jobs: readonly DueJob[]): void {
    for (const { kind, lateMs } of jobs) this.#observe.ended({ kind, outcome: 'done', lateMs });
  }

  async #renew(): Promise<void> {
    const jobs = [...this.#held.values()].map(({ job }) => job);
    await this.#table.renew(jobs, this.#clock()).catch((error) => this.#noteTrouble(error));
  }

  /** Once, until a pass succeeds again. */
  #noteTrouble(error: unknown): void {
    if (this.#inTrouble) return;
    this.#inTrouble = true;
    this.#log.error({ err: error, code: 'jobs_held_up' }, 'jobs wait until the database does its work again');
  }

  /** The server's time. Against a clock that only goes forward it shows when it was put back. */
  #clock(): Date {
    const now = this.#now();
    const lead = now.getTime() - performance.now();
    if (lead < this.#clockLead - CLOCK_STEP_MS) this.#begun = false;
    this.#clockLead = lead;
    return now;
  }

  #handlerOf({ kind }: DueJob): JobHandler {
    return this.#handlers.get(kind) as JobHandler;
  }

  /** Undefined for a job that does not recur, also when others of its kind do. */
  #intervalOf({ kind, uniqueKey }: DueJob): number | undefined {
    return uniqueKey === recurringKey(kind) ? this.#intervals.get(kind) : undefined;
  }

  #running(): Promise<void>[] {
    return [...this.#held.values()].map(({ over }) => over);
  }
}

function recurringKey(kind: string): string {
  return `every:${kind}`;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

async function within<T>(work: Promise<T> | undefined, limitMs: number): Promise<void> {
  const { promise: limit, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`It took longer than ${limitMs} ms.`)), limitMs);
  try {
    await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
