/** What a fault is: something that is broken for real, the promise that must hold, and what was seen. */

export type StreamPath = 'handover' | 'plain';

export interface Circumstances {
  /** Smaller counts, the same faults: what tests have time for. */
  short: boolean;
  /** How the app writes its streams; see lib/belfry/http/stream-handover.ts. */
  streamPath: StreamPath;
}

export interface Fault {
  /** The name of its file. */
  name: string;
  /** What is broken, as the table says it. */
  breaks: string;
  /** What has to hold all the same, with its figure. */
  bound: string;
  /**
   * `alone`: it loads the machine or times the server closely. `beside`: it mostly waits, and runs
   * together with others.
   */
  runs: 'alone' | 'beside';
  /** The longest it may take, in seconds. */
  limitSeconds: { short: number; full: number };
  /** Left to `npm run test:all`. */
  isLong?: true;
  /** False: nothing in it depends on how streams are written, so the plain path is not taken as well. */
  dependsOnStreamPath: boolean;
  take: (circumstances: Circumstances) => Promise<Finding>;
}

export interface Finding {
  /** What was measured, in a few words. */
  figure: string;
  /** A sentence for each promise that was broken, whatever else the machine was doing. */
  broken: string[];
  /** A sentence for each bound of time or memory that was passed. A busy machine can do that too. */
  passed: string[];
  /** Why it could not be taken on this machine. */
  skipped?: string;
}

/** Gathers what was broken. */
export class Verdict {
  readonly #broken: string[] = [];
  readonly #passed: string[] = [];

  /** Notes the sentence unless the promise held. */
  expect(held: boolean, sentence: string): void {
    if (!held) this.#broken.push(sentence);
  }

  /** The same for a bound of time or memory: the runner takes the fault again, with nothing beside it. */
  expectWithin(held: boolean, sentence: string): void {
    if (!held) this.#passed.push(sentence);
  }

  finding(figure: string): Finding {
    return { figure, broken: this.#broken, passed: this.#passed };
  }
}

/** A fault that `npm test` has no time for. */
export function long(fault: Fault): Fault {
  return { ...fault, isLong: true };
}

/** A fault that this machine cannot take. */
export function skipped(reason: string): Finding {
  return { figure: '', broken: [], passed: [], skipped: reason };
}

export function largest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}
