/** Senders that want to be sure: each notice has a key, and is sent again until it is acknowledged. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Belfry, Notice } from './belfry.ts';
import { range } from './waiting.ts';

const AGAIN_AFTER_MS = 50;

export interface Acknowledged {
  key: string;
  id: number;
  targetUserId: number | null;
}

export interface Sending {
  /** What was acknowledged so far, in the order of the answers. */
  readonly acknowledged: readonly Acknowledged[];
  /** Sends that broke off or were refused with a 5xx, and were tried again. */
  readonly retried: number;
  /** Resolves when all have been acknowledged. Rejects at an answer that trying again cannot mend. */
  readonly done: Promise<void>;
}

export interface SendingOptions {
  count: number;
  atOnce: number;
  /** The addressee of notice number `index`; null is everybody. */
  targetOf: (index: number) => number | null;
}

/** Begins to send, and goes on through restarts of the server. */
export function beginSending(belfry: Belfry, { count, atOnce, targetOf }: SendingOptions): Sending {
  const acknowledged: Acknowledged[] = [];
  const state = { retried: 0 };
  let next = 0;

  async function sendOne(index: number): Promise<void> {
    const key = `burst ${index}`;
    const targetUserId = targetOf(index);
    const notice: Notice = {
      title: `Notice ${index}`,
      message: 'One of many.',
      idempotencyKey: key,
      ...(targetUserId === null ? { audience: 'all' } : { targetUserId }),
    };
    for (;;) {
      const answer = await belfry.send(notice).catch(() => null);
      if (answer?.status === 201) {
        const { id } = JSON.parse(answer.text) as { id: number };
        acknowledged.push({ key, id, targetUserId });
        return;
      }
      if (answer && answer.status < 500) {
        throw new Error(`A send was answered with ${answer.status}: ${answer.text}`);
      }
      state.retried += 1;
      await sleep(AGAIN_AFTER_MS);
    }
  }

  const worker = async () => {
    while (next < count) await sendOne(next++);
  };
  const done = Promise.all(range(atOnce).map(worker)).then(() => {});
  // Whoever awaits it later still hears of it.
  done.catch(() => {});
  return {
    acknowledged,
    get retried() {
      return state.retried;
    },
    done,
  };
}
