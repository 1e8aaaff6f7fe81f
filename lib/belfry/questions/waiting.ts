/**
 * Whoever waits for answers on this instance. An answer that was given here, or that the bus tells of, is there at once;
 * one that nothing told of is found in the database a second later, by one look for all who wait.
 */
import { toMessage } from '../language/message.ts';
import { BelfryError } from '../protocol/errors.ts';
import { type Answered, isOpen, type QuestionState, type Questions } from './questions.ts';

export interface WaitingOptions {
  questions: Questions;
  now: () => Date;
  /** The database could not be asked; it will be again. */
  onError: (error: unknown) => void;
}

type Settle = (state: QuestionState | null) => void;

// How late an answer may be of which nothing told.
const LOOK_EVERY_MS = 1_000;

/** See the file's head. */
export class Waiting {
  readonly #options: WaitingOptions;
  readonly #waiters = new Map<string, Set<Settle>>();
  #timer: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(options: WaitingOptions) {
    this.#options = options;
  }

  /** Something may have happened to a question. */
  hint(id: string): void {
    if (this.#waiters.has(id)) void this.#look([id]);
  }

  /**
   * Waits until a question is answered, is over, or the signal comes. An answer that is handed out is taken; whoever asks
   * again has it again.
   *
   * @returns The answer; `null` when there is none.
   * @throws BelfryError `shutting_down`.
   */
  async forAnswer(
    id: string,
    { signal }: { signal?: AbortSignal | undefined } = {},
  ): Promise<Answered | null> {
    const { promise, resolve: settle } = Promise.withResolvers<QuestionState | null>();
    const onAbort = () => settle(null);
    const all = this.#waiters.get(id) ?? new Set();
    this.#waiters.set(id, all.add(settle));
    this.#timer ??= setTimeout(() => void this.#lookAgain(), LOOK_EVERY_MS);
    signal?.addEventListener('abort', onAbort);
    try {
      await this.#look([id]);
      if (signal?.aborted) settle(null);
      if (this.#isClosed) settle(null);
      const state = await promise;
      if (this.#isClosed)
        throw new BelfryError('shutting_down', toMessage('server.belfry.ask-again'), {
          retryAfterSeconds: 2,
        });
      if (!state?.answer) return null;
      await this.#options.questions.take(id, 'waiter');
      return state.answer;
    } finally {
      signal?.removeEventListener('abort', onAbort);
      all.delete(settle);
      if (all.size === 0 && this.#waiters.get(id) === all) this.#waiters.delete(id);
      if (this.#waiters.size === 0) this.#stop();
    }
  }

  /** Whoever waits is told that the server stops, and so is whoever comes. */
  close(): void {
    this.#isClosed = true;
    for (const waiters of this.#waiters.values()) for (const settle of waiters) settle(null);
    this.#stop();
  }

  async #lookAgain(): Promise<void> {
    await this.#look([...this.#waiters.keys()]);
    this.#timer = this.#waiters.size === 0 ? null : setTimeout(() => void this.#lookAgain(), LOOK_EVERY_MS);
  }

  async #look(ids: readonly string[]): Promise<void> {
    const { questions, now, onError } = this.#options;
    try {
      const found = new Map((await questions.find(ids)).map((state) => [state.id, state]));
      for (const id of ids) {
        const state = found.get(id) ?? null;
        if (state && isOpen(state, now())) continue;
        for (const settle of this.#waiters.get(id) ?? []) settle(state);
      }
    } catch (error) {
      onError(error);
    }
  }

  #stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
