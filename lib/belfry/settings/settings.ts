/** Keeps how people want to be told, and what they follow by themselves. */
import type { EventTypeRegistry } from '../definitions/registry.ts';
import type { Changed, Inbox } from '../inbox/inbox.ts';
import { toMessage } from '../language/message.ts';
import { DEFAULT_SETTINGS } from '../protocol/alerts.ts';
import { BelfryError, parseInput } from '../protocol/errors.ts';
import {
  type CategorySettings,
  type NotificationSettings,
  notificationSettingsSchema,
  type SettingsAnswer,
} from '../protocol/settings.ts';
import type { SqlDatabase, SqlRunner } from '../storage/database.ts';
import type { Topics } from '../storage/topics.ts';
import { followDefinitions, isAnythingMuted, keepMutes, mutedCategories } from './mutes.ts';

export interface SettingsParts {
  database: SqlDatabase;
  inbox: Inbox;
  topics: Topics;
  eventTypes: EventTypeRegistry;
  now: () => Date;
}

/**
 * Each change is one of the user's, as those of their inbox are: it has a revision, and is to be told to their streams. What is
 * said of a category that no type is of any more is kept, and not shown.
 */
export class Settings {
  readonly #parts: SettingsParts;

  constructor(parts: SettingsParts) {
    this.#parts = parts;
  }

  /** All of it, as it is now. */
  async read(userId: number): Promise<Omit<SettingsAnswer, 'state'>> {
    const { database, inbox, topics, eventTypes } = this.#parts;
    // First the revision: what was changed meanwhile is read again for the next one.
    const { settings, settingsRevision } = await inbox.settingsOf(userId);
    const kept = parseKept(settings);
    const names = eventTypes.categories();
    return {
      settings: { ...kept, categories: ofCategories(kept, (name) => names.includes(name)) },
      settingsRevision,
      categories: names.map((name) => ({ name })),
      topics: await topics.choicesOf(userId),
      muted: await mutedCategories(database, userId),
    };
  }

  /**
   * Keeps them in place of what was kept before.
   *
   * @throws BelfryError `invalid_input` with `fieldErrors`.
   */
  async save({ userId, settings }: { userId: number; settings: unknown }): Promise<Changed> {
    const { database, inbox, eventTypes } = this.#parts;
    const given = parseInput<NotificationSettings>(
      notificationSettingsSchema,
      settings,
      toMessage('server.belfry.see-fields'),
    );
    return database.transaction(async (tx) => {
      await inbox.lock(tx, [userId]);
      const before = parseKept((await inbox.settingsOf(userId, tx)).settings);
      const names = new Set(eventTypes.categories());
      assertKnown(given, (name) => names.has(name) || Object.hasOwn(before.categories, name));
      const gone = ofCategories(before, (name) => !names.has(name));
      const categories = { ...gone, ...given.categories };
      const types = eventTypes.categorized();
      await keepMutes(tx, {
        userId,
        muted: types.filter(({ category }) => isMuted(categories, category)),
        defined: new Set(types.map(({ eventType }) => eventType)),
      });
      return inbox.keepSettings(tx, { userId, settings: JSON.stringify({ ...given, categories }) });
    });
  }

  /** The user leaves a topic. `null`: they are not in it. */
  unfollow(who: { userId: number; user: string; topic: string }): Promise<Changed | null> {
    return this.#changeTopics(who, (membership, tx) =>
      this.#parts.topics.leave({ ...membership, at: this.#parts.now() }, tx),
    );
  }

  /** The user comes back to a topic that they left by themselves. `null`: they did not, or the app has taken them out since. */
  follow(who: { userId: number; user: string; topic: string }): Promise<Changed | null> {
    return this.#changeTopics(who, (membership, tx) => this.#parts.topics.comeBack(membership, tx));
  }

  /** To be called at each start: see mutes.ts. */
  async followDefinitions(): Promise<void> {
    const { database, eventTypes } = this.#parts;
    // Most often there is nothing to write, also where the database cannot be written to.
    if (!(await isAnythingMuted(database))) return;
    const types = eventTypes.categorized();
    await database.transaction((tx) => followDefinitions(tx, types));
  }

  #changeTopics(
    { userId, user, topic }: { userId: number; user: string; topic: string },
    change: (membership: { userId: string; topic: string }, tx: SqlRunner) => Promise<{ changed: boolean }>,
  ): Promise<Changed | null> {
    const { database, inbox } = this.#parts;
    return database.transaction(async (tx) => {
      // Before the lock on event ids: no event waits for a user's other changes.
      await inbox.lock(tx, [userId]);
      const { changed } = await change({ userId: user, topic }, tx);
      return changed ? inbox.keepSettings(tx, { userId }) : null;
    });
  }
}

/** What was kept by another version, and does not fit this one, counts as never said. */
function parseKept(text: string | null): NotificationSettings {
  if (text === null) return DEFAULT_SETTINGS;
  const kept = notificationSettingsSchema.safeParse(JSON.parse(text));
  return kept.success ? kept.data : DEFAULT_SETTINGS;
}

function ofCategories(
  { categories }: NotificationSettings,
  isWanted: (name: string) => boolean,
): Record<string, CategorySettings> {
  return Object.fromEntries(Object.entries(categories).filter(([name]) => isWanted(name)));
}

function isMuted(categories: Record<string, CategorySettings>, category: string): boolean {
  return Object.hasOwn(categories, category) && categories[category]?.mode === 'muted';
}

function assertKnown({ categories }: NotificationSettings, isKnown: (name: string) => boolean): void {
  const unknown = Object.keys(categories).filter((name) => !isKnown(name));
  if (unknown.length === 0) return;
  const sentence = (name: string) => toMessage('server.belfry.settings.no-such-category', { name });
  throw new BelfryError('invalid_input', toMessage('server.belfry.see-fields'), {
    fieldErrors: Object.fromEntries(unknown.map((name) => [`categories.${name}`, [sentence(name)]])),
  });
}
