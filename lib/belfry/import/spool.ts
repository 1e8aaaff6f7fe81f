/** Keeps rows in a file until all have been looked at, and gives them back in the order of their times. */
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Written at once.
const PIECE = 1_000_000;

/** In memory there are three numbers for each text. */
export class Spool {
  readonly #folder: string;
  readonly #file: number;
  readonly #times: number[] = [];
  readonly #starts: number[] = [];
  #pieces: Buffer[] = [];
  #waiting = 0;
  #written = 0;

  constructor() {
    this.#folder = mkdtempSync(join(tmpdir(), 'belfry-import-'));
    this.#file = openSync(join(this.#folder, 'rows'), 'wx+', 0o600);
    this.#removeFile();
  }

  get length(): number {
    return this.#times.length;
  }

  add(time: number, text: string): void {
    const bytes = Buffer.from(text);
    this.#times.push(time);
    this.#starts.push(this.#written + this.#waiting);
    this.#pieces.push(bytes);
    this.#waiting += bytes.length;
    if (this.#waiting >= PIECE) this.#flush();
  }

  /** The oldest first; of one time, in the order in which they came. */
  *oldestFirst(): Iterable<string> {
    this.#flush();
    const order = Uint32Array.from(this.#times, (_, at) => at);
    order.sort((a, b) => (this.#times[a] as number) - (this.#times[b] as number) || a - b);
    for (const at of order) yield this.#read(at);
  }

  close(): void {
    closeSync(this.#file);
    this.#removeFile();
  }

  #read(at: number): string {
    const start = this.#starts[at] as number;
    const bytes = Buffer.allocUnsafe((this.#starts[at + 1] ?? this.#written) - start);
    let done = 0;
    while (done < bytes.length) done += readSync(this.#file, bytes, done, bytes.length - done, start + done);
    return bytes.toString();
  }

  #flush(): void {
    const bytes = Buffer.concat(this.#pieces);
    let done = 0;
    while (done < bytes.length)
      done += writeSync(this.#file, bytes, done, bytes.length - done, this.#written + done);
    this.#written += bytes.length;
    this.#pieces = [];
    this.#waiting = 0;
  }

  /** Where it goes while it is open, nothing of it is left when this process is killed. */
  #removeFile(): void {
    try {
      rmSync(this.#folder, { recursive: true, force: true });
    } catch {
      // Windows holds it until it is closed.
    }
  }
}
