/**
 * How the user wants to be told, as one page knows it. The inbox says by a number which change of the settings is the last;
 * when that is another one than is known, they are read anew. Whoever never said anything costs no request.
 */
import { type Alerts, alertsOf, DEFAULT_SETTINGS } from '../protocol/alerts.ts';
import type { NotificationSettings, SettingsAnswer } from '../protocol/settings.ts';
import { type Item, positionOf, type SettingsPosition } from './inbox-model.ts';
import type { InboxRequests } from './requests.ts';

export interface SettingsView {
  /** `error`: they could not be read, and `problem` says why. */
  status: 'loading' | 'ready' | 'error';
  /** With what was changed here and is not answered yet. */
  settings: NotificationSettings;
  categories: readonly string[];
  topics: readonly { name: string; isFollowed: boolean }[];
  /** `saving` until the server has them. `saved` from then on, once something was changed here. */
  saved: 'as-it-was' | 'saving' | 'saved';
  /** The sentence of the last refusal; `null`: there is none. */
  problem: string | null;
}

export interface SettingsClient {
  /** The same object until something changes. */
  view: () => SettingsView;
  /** Returns its own undo. */
  subscribe: (listener: () => void) => () => void;
  /** Reads all of it, for who shows it. Does not reject. */
  load: () => Promise<void>;
  /** Shows at once; taken back when the server refuses. Of several that come fast the last counts. Does not reject. */
  save: (settings: NotificationSettings) => Promise<void>;
  /** Comes back to a topic that the user left here. Does not reject. */
  follow: (topic: string) => Promise<void>;
  /** Leaves a topic. Does not reject. */
  unfollow: (topic: string) => Promise<void>;
}

/** What the inbox of the page asks of it. */
export interface SettingsStore extends SettingsClient {
  /** The inbox tells which change is the last; `null`: it does not know yet. */
  note: (position: SettingsPosition | null) => void;
  /** Whether they are on their way: what has come had better wait, for a moment. */
  isOnItsWay: () => boolean;
  /** Whether it came while its category was muted, as the server says it: then it is read. */
  isMuted: (item: Item) => boolean;
  alertsOf: (item: Pick<Item, 'category' | 'priority'>) => Alerts;
}

export interface SettingsStoreOptions {
  requests: Pick<InboxRequests, 'settings' | 'changeSettings'>;
  /** Milliseconds since 1970, by the server's clock. */
  now: () => number;
  /** They were read, or could not be: what waited for it can go on. */
  onSettled: () => void;
  /** The server has made a change, and told this position. */
  onSaved: (state: string) => void;
  /** Other categories are muted than were: what is known to be read may be otherwise. */
  onMuted: () => void;
}

export const UNKNOWN_SETTINGS: SettingsView = {
  status: 'loading',
  settings: DEFAULT_SETTINGS,
  categories: [],
  topics: [],
  saved: 'as-it-was',
  problem: null,
};

// After a failure they are not asked for again with each thing that comes.
const TRY_AGAIN_MS = 5_000;

// Each a few bytes: of two instances each calls its history by a name of its own.
const MOST_SEEN = 100;

/** One user's, on one page. It does nothing until it is told of a change, or asked. */
export function createSettingsStore(options: SettingsStoreOptions): SettingsStore {
  const { requests, now, onSettled, onSaved, onMuted } = options;
  const listeners = new Set<() => void>();
  let answer: SettingsAnswer | null = null;
  /** What the inbox told last. */
  let told: SettingsPosition | null = null;
  /** The positions that `answer` is not behind. */
  const seen = new Set<string>();
  let view = UNKNOWN_SETTINGS;
  let loading: Promise<void> | null = null;
  let failedAt = Number.NEGATIVE_INFINITY;
  /** What was changed here last, and the server does not have yet. */
  let wanted: NotificationSettings | null = null;
  /** The changes that were made here, one after the other: two on their way could arrive in the other order. */
  let changing: Promise<void> = Promise.resolve();
  /** Counts the answers to changes: what was asked for before one may be older. */
  let changes = 0;

  function show(more: Partial<SettingsView>): void {
    view = { ...view, ...more };
    for (const listener of listeners) listener();
  }

  /** @param asked What the inbox had told when it was asked for: it cannot be older. */
  function take(next: SettingsAnswer, asked: SettingsPosition | null): void {
    const before = answer?.muted ?? [];
    answer = next;
    see({ history: positionOf(next).history, revision: next.settingsRevision });
    if (asked) see(asked);
    show({
      status: 'ready',
      settings: wanted ?? next.settings,
      categories: next.categories.map(({ name }) => name),
      topics: next.topics,
    });
    if (JSON.stringify(before) !== JSON.stringify(next.muted)) onMuted();
  }

  function see(position: SettingsPosition): void {
    seen.add(nameOf(position));
    if (seen.size > MOST_SEEN) seen.delete(seen.values().next().value as string);
  }

  function isBehind(): boolean {
    if (told === null || (told.revision === 0 && !answer?.settingsRevision)) return false;
    return !seen.has(nameOf(told));
  }

  async function read(): Promise<void> {
    const asked = told;
    const changesBefore = changes;
    try {
      const next = await requests.settings();
      // A change that was made meanwhile has told all of it.
      if (changesBefore === changes) take(next, asked);
      failedAt = Number.NEGATIVE_INFINITY;
    } catch (error) {
      failedAt = performance.now();
      if (!answer) show({ status: 'error', problem: sentenceOf(error) });
    }
    loading = null;
    loadIfBehind();
    onSettled();
  }

  function load(): Promise<void> {
    if (!loading && !answer) show({ status: 'loading', problem: null });
    loading ??= read();
    return loading;
  }

  function loadIfBehind(): void {
    if (isBehind() && !loading && performance.now() - failedAt >= TRY_AGAIN_MS) void load();
  }

  function change(ask: () => Promise<SettingsAnswer | null>): Promise<void> {
    show({ saved: 'saving', problem: null });
    changing = changing.then(async () => {
      const asked = told;
      try {
        const next = await ask();
        if (!next) return;
        changes += 1;
        take(next, asked);
        onSaved(next.state);
        if (!wanted) show({ saved: 'saved' });
      } catch (error) {
        wanted = null;
        const settings = answer?.settings ?? DEFAULT_SETTINGS;
        show({ settings, saved: 'as-it-was', problem: sentenceOf(error) });
      }
    });
    return changing;
  }

  return {
    view: () => view,
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    load,
    save(settings) {
      wanted = settings;
      show({ settings });
      return change(async () => {
        const asked = wanted;
        // One before it had it already.
        if (!asked) return null;
        const next = await requests.changeSettings('settings', asked);
        if (wanted === asked) wanted = null;
        return next;
      });
    },
    follow: (topic) => change(() => requests.changeSettings('follow', { topic })),
    unfollow: (topic) => change(() => requests.changeSettings('unfollow', { topic })),
    note(position) {
      told = position;
      loadIfBehind();
    },
    isOnItsWay: () => loading !== null && isBehind(),
    isMuted: ({ category, id }) =>
      answer?.muted.some((muted) => muted.category === category && id > muted.sinceEventId) ?? false,
    alertsOf: (item) => alertsOf(item, view.settings, now()),
  };
}

function nameOf({ history, revision }: SettingsPosition): string {
  return `${history} ${revision}`;
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
