/** Senders that want to be sure: each notice has a key, and is sent again until it is acknowledged. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { App, Notice } from './belfry.ts';
import { range } from './waiting.ts';

const AGAIN_AFTER_MS = 50;

export interface Acknowledged {
  key: string;
  id: number;
  targetUserId: number | null;
  /** Which of those that send at once it came from: each waits for an answer before it goes on. */
  sender: number;
}

export interface Sending {
  /** What was acknowledged so far, in the order of the answers. */
  readonly acknowledged: readonly Acknowledged[];
  /** Answers other than 201, by status; 0: none came. */
  readonly refused: ReadonlyMap<number, number>;
  /** Sends that broke off or were refused with a 5xx, and were tried again. */
  readonly retried: number;
  /** The longest that an answer took, of any status. */
  readonly longestMs: number;
  /** Resolves when all have been acknowledged. Rejects at an answer that trying again cannot mend. */
  readonly done: Promise<void>;
}

export interface SendingOptions {
  count: number;
  atOnce: number;
  /** The addressee of notice number `index`; null is everybody. */
  targetOf: (index: number) => number | null;
  /** A sender begins its next so long after it began the last, or once that is answered. Default: as soon as it is. */
  everyMs?: number;
  /** Begins the key of each: senders with another name have other keys. */
  name?: string;
}

/** Begins to send, and goes on through restarts of the server. */
export function beginSending(
  belfry: App,
  { count, atOnce, targetOf, everyMs = 0, name = 'burst' }: SendingOptions,
): Sending {
  const acknowledged: Acknowledged[] = [];
  const refused = new Map<number, number>();
  const state = { retried: 0, longestMs: 0 };
  let next = 0;

  async function sendOne(index: number, sender: number): Promise<void> {
    const key = `${name} ${index}`;
    const targetUserId = targetOf(index);
    const notice: Notice = {
      title: `Notice ${index}`,
      message: 'One of many.',
      idempotencyKey: key,
      ...(targetUserId === null ? { audience: 'all' } : { targetUserId }),
    };
    for (;;) {
      const since = performance.now();
      const answer = await belfry.send(notice).catch(() => null);
      if (answer) state.longestMs = Math.max(state.longestMs, performance.now() - since);
      if (answer?.status === 201) {
        const { id } = JSON.parse(answer.text) as { id: number };
        acknowledged.push({ key, id, targetUserId, sender });
        return;
      }
      if (answer && answer.status < 500) {
        throw new Error(`A send was answered with ${answer.status}: ${answer.text}`);
      }
      state.retried += 1;
      const status = answer?.status ?? 0;
      refused.set(status, (refused.get(status) ?? 0) + 1);
      await sleep(AGAIN_AFTER_MS);
    }
  }

  const worker = async (sender: number) => {
    while (next < count) {
      const begunAt = performance.now();
      await sendOne(next++, sender);
      if (everyMs > 0) await sleep(Math.max(0, begunAt + everyMs - performance.now()));
    }
  };
  const done = Promise.all(range(atOnce).map(worker)).then(() => {});
  // Whoever awaits it later still hears of it.
  done.catch(() => {});
  return {
    acknowledged,
    refused,
    get retried() {
      return state.retried;
    },
    get longestMs() {
      return state.longestMs;
    },
    done,
  };
}
