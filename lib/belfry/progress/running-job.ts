/** A long job, as whoever does it has it. */
import { type Progress, reportSchema } from '../definitions/progress-type.ts';
import { oneAtATime } from '../engine/one-at-a-time.ts';
import { parseSending } from '../notifications/sending.ts';

/** See the file's head. Of `done` and `fail` the first counts. */
export interface ProgressJob<Result = unknown> {
  readonly key: string;
  /**
   * Tells how far it is. Of many reports in a row a few go out, and the last. What cannot be told is logged. After the end it does
   * nothing.
   *
   * @param fraction 0 to 1; `null`: nobody knows.
   * @param note What `render` is given. Default: nothing.
   * @throws BelfryError `invalid_input`, at once.
   */
  report(fraction: number | null, note?: string): void;
  /**
   * Stores the end. When it rejects, nothing was stored: it can be called again, and until then nothing more is told of the job.
   *
   * @throws BelfryError `invalid_input` when the result does not fit.
   */
  done(result: Result): Promise<void>;
  /** As `done`, for a job that came to nothing. */
  fail(reason?: string): Promise<void>;
  /** Fails, unless it has ended: `await using job = await progress(...)` says so whatever is thrown. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** What a job has done for it. */
export interface RunningJobParts {
  key: string;
  silentAfterMs: number;
  /** It ended before: nothing is told of it any more. */
  isOver: boolean;
  send: (progress: Progress) => Promise<unknown>;
  /** Says that it is alive. */
  renew: () => Promise<unknown>;
  end: (progress: Progress) => Promise<void>;
  /** Nobody waits for what failed. */
  onError: (error: unknown) => void;
  /** Nothing more is told of it but its end. */
  onStop: () => void;
}

// More than this nobody sees.
const BETWEEN_MS = 200;
// A page that opens meanwhile shows it by then; one that misses three of them shows it no more.
const TELL_AGAIN_MS = 5_000;
// Two signs of life may be lost.
const SIGNS_OF_LIFE = 3;
// Whoever says nothing for so long has thrown, and the process lives on.
const LONGEST_QUIET_MS = 60 * 60_000;

/** See the file's head. */
export class RunningJob<Result> implements ProgressJob<Result> {
  readonly #parts: RunningJobParts;
  #progress: Progress = { state: 'running', fraction: null, note: null };
  #isStopped = false;
  #ended: Promise<void> | null = null;
  #toldAt = Number.NEGATIVE_INFINITY;
  #reportedAt = performance.now();
  #sending: NodeJS.Timeout | undefined;
  #renewing: NodeJS.Timeout | undefined;

  constructor(parts: RunningJobParts) {
    this.#parts = parts;
    this.#isStopped = parts.isOver;
    if (parts.isOver) {
      this.#ended = Promise.resolve();
      return;
    }
    this.#tellIn(0);
    this.#renewing = setInterval(() => void this.#renew(), parts.silentAfterMs / SIGNS_OF_LIFE).unref();
  }

  get key(): string {
    return this.#parts.key;
  }

  report(fraction: number | null, note: string | null = null): void {
    this.#progress = { state: 'running', ...parseSending(reportSchema, { fraction, note }) };
    this.#reportedAt = performance.now();
    this.#tellIn(Math.max(0, this.#toldAt + BETWEEN_MS - performance.now()));
  }

  done(result: Result): Promise<void> {
    return this.#end({ state: 'done', result });
  }

  fail(reason?: string): Promise<void> {
    return this.#end({ state: 'failed', reason });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (this.#ended ?? this.fail());
  }

  /** Tells nothing more but the end. Twice does nothing. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#sending);
    clearInterval(this.#renewing);
    this.#parts.onStop();
  }

  #end(progress: Progress): Promise<void> {
    this.#ended ??= this.#store(progress).catch((error: unknown) => {
      this.#ended = null;
      throw error;
    });
    return this.#ended;
  }

  async #store(progress: Progress): Promise<void> {
    this.stop();
    // What is under way would come after the end, or have it told that the job was lost.
    await Promise.all([this.#sendProgress(), this.#renew()]);
    await this.#parts.end(progress);
  }

  #tellIn(milliseconds: number): void {
    if (this.#isStopped) return;
    clearTimeout(this.#sending);
    this.#sending = setTimeout(() => void this.#sendProgress(), milliseconds).unref();
  }

  readonly #sendProgress = oneAtATime(async () => {
    if (this.#isStopped) return;
    this.#toldAt = performance.now();
    this.#tellIn(TELL_AGAIN_MS);
    await this.#parts.send(this.#progress).catch(this.#parts.onError);
  });

  readonly #renew = oneAtATime(async () => {
    const quietMs = Math.max(LONGEST_QUIET_MS, this.#parts.silentAfterMs);
    if (performance.now() - this.#reportedAt > quietMs) this.stop();
    if (!this.#isStopped) await this.#parts.renew().catch(this.#parts.onError);
  });
}
