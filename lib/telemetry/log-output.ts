/** Where the log goes: a terminal, a pipe or a file, each of which may fail or take no more for a while. */
import type { Writable } from 'node:stream';

// A reader that stands still, such as a pager: beyond this its lines would only fill the memory.
const MOST_WAITING_BYTES = 1_048_576;

export interface LogOutputOptions {
  /** Called for each line that could not be written. */
  onLost: () => void;
  /** Makes the line that tells how many were lost, once it can be written again. */
  lostLine: (count: number) => string;
}

/**
 * Writes lines to a stream and outlives its errors. A line that cannot be written is lost and counted, and the
 * next one is tried again.
 */
export class LogOutput {
  readonly #stream: Writable;
  readonly #options: LogOutputOptions;
  #lost = 0;

  constructor(stream: Writable, options: LogOutputOptions) {
    this.#stream = stream;
    this.#options = options;
    // Each write hears of its own; an error that nobody listens to would end the process.
    stream.on('error', () => {});
  }

  /** @param line Ends with a line break. */
  write(line: string): void {
    if (this.#stream.writableLength > MOST_WAITING_BYTES) {
      this.#lose();
      return;
    }
    // The last line may have been cut off in the middle.
    const start = this.#lost > 0 ? '\n' : '';
    this.#stream.write(`${start}${line}`, (error) => (error ? this.#lose() : this.#tellOfLost()));
  }

  #lose(): void {
    this.#lost += 1;
    this.#options.onLost();
  }

  #tellOfLost(): void {
    if (this.#lost === 0) return;
    const count = this.#lost;
    this.#lost = 0;
    this.#stream.write(this.#options.lostLine(count), (error) => {
      if (error) this.#lost += count;
    });
  }
}
