/** The long jobs that a page hears of. Nothing of them is kept anywhere: one that nothing is heard of is gone. */
import type { RunningJson } from '../protocol/item.ts';
import type { Item } from './inbox-model.ts';

/** A long job that runs. */
export type RunningItem = RunningJson;

// Three tellings: see progress/running-job.ts.
const FORGOTTEN_AFTER_MS = 15_000;

export interface Running {
  /** The same list until something changes; those that began first stand first. */
  all: () => readonly RunningItem[];
  receive: (item: RunningItem) => void;
  /** Takes out those whose end is among these items. Does not call `onChange`. */
  end: (items: readonly Item[]) => void;
  forgetAll: () => void;
}

/** @param onChange Called after each change that `receive`, or time, made. */
export function createRunning(onChange: () => void): Running {
  const received = new Map<string, { item: RunningItem; timer: ReturnType<typeof setTimeout> }>();
  let all: readonly RunningItem[] = [];

  function list(): void {
    all = [...received.values()].map(({ item }) => item);
  }

  function drop(name: string): void {
    clearTimeout(received.get(name)?.timer);
    if (received.delete(name)) list();
  }

  return {
    all: () => all,
    receive(item) {
      const name = nameOf(item.eventType, item.key);
      clearTimeout(received.get(name)?.timer);
      const timer = setTimeout(() => {
        drop(name);
        onChange();
      }, FORGOTTEN_AFTER_MS);
      received.set(name, { item, timer });
      list();
      onChange();
    },
    end(items) {
      if (received.size === 0) return;
      for (const { eventType, payload, createdAt } of items) {
        const name = nameOf(eventType, (payload as { key?: unknown } | null)?.key);
        const last = received.get(name)?.item;
        // One that was said to be lost may go on.
        if (last && Date.parse(last.createdAt) <= Date.parse(createdAt)) drop(name);
      }
    },
    forgetAll() {
      for (const name of [...received.keys()]) drop(name);
    },
  };
}

function nameOf(eventType: string, key: unknown): string {
  return `${eventType} ${key}`;
}
