/** The long jobs that a page hears of. Nothing of them is kept anywhere: one that nothing is heard of is gone. */
import type { RunningJson } from '../protocol/item.ts';
import type { Item } from './inbox-model.ts';

/** A long job that runs. */
export type RunningItem = RunningJson;

// Three tellings: see progress/running-job.ts.
const SILENT_MS = 15_000;

export interface Running {
  /** The same list until something changes; those that began first stand first. */
  all: () => readonly RunningItem[];
  hear: (item: RunningItem) => void;
  /** Takes out those whose end is among these items. Does not call `onChange`. */
  end: (items: readonly Item[]) => void;
  forgetAll: () => void;
}

/** @param onChange Called after each change that `hear`, or time, made. */
export function createRunning(onChange: () => void): Running {
  const heard = new Map<string, { item: RunningItem; timer: ReturnType<typeof setTimeout> }>();
  let all: readonly RunningItem[] = [];

  function list(): void {
    all = [...heard.values()].map(({ item }) => item);
  }

  function drop(name: string): void {
    clearTimeout(heard.get(name)?.timer);
    if (heard.delete(name)) list();
  }

  return {
    all: () => all,
    hear(item) {
      const name = nameOf(item.eventType, item.key);
      clearTimeout(heard.get(name)?.timer);
      const timer = setTimeout(() => {
        drop(name);
        onChange();
      }, SILENT_MS);
      heard.set(name, { item, timer });
      list();
      onChange();
    },
    end(items) {
      if (heard.size === 0) return;
      for (const { eventType, payload, createdAt } of items) {
        const name = nameOf(eventType, (payload as { key?: unknown } | null)?.key);
        const last = heard.get(name)?.item;
        // One that was said to be lost may go on.
        if (last && Date.parse(last.createdAt) <= Date.parse(createdAt)) drop(name);
      }
    },
    forgetAll() {
      for (const name of [...heard.keys()]) drop(name);
    },
  };
}

function nameOf(eventType: string, key: unknown): string {
  return `${eventType} ${key}`;
}
