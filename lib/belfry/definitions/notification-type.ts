/**
 * A notification in one definition: what it is made of, how it reads in each language, what may be done with it. It stands
 * in one file beside the feature that it belongs to.
 */
import type { z } from 'zod';
import type { Catalogue, Translate } from '../language/translate.ts';
import type { Content } from '../protocol/content.ts';
import type { Priority } from '../protocol/priority.ts';
import { type Actions, type ActionType, assertActions } from './action.ts';
import { assertName, type EventType } from './event-type.ts';

/** What `render` is given. */
export interface Rendering<Payload, Texts extends Catalogue = Catalogue> {
  payload: Payload;
  /** Says a message of the definition in the reader's language. */
  t: Translate<Texts>;
  /** The reader's, for `Intl`: `en-GB`. */
  locale: string;
  /** The reader's: `Europe/Berlin`. */
  timeZone: string;
}

/** What `groupTitle` is given: what belongs together, and is in somebody's inbox. */
export interface GroupRendering<Payload, Texts extends Catalogue = Catalogue>
  extends Omit<Rendering<Payload, Texts>, 'payload'> {
  /** Newest first: one at least, and the newest 50 at most. */
  payloads: readonly [Payload, ...Payload[]];
  /** How many there are: 2 at least. */
  count: number;
}

/** Messages in each language that the app speaks; what English has, each of them has. */
export type TextsOf<English extends Catalogue> = { readonly en: English } & {
  readonly [language: string]: { readonly [Key in keyof English]: string };
};

/** What a definition says. */
export interface NotificationDefinition<
  Payload,
  Input,
  English extends Catalogue,
  Inputs = unknown,
  Name extends string = string,
> {
  /** Letters and digits, starting with a capital, 64 at most: `CommentAdded`. It stands in addresses and in every row. */
  name: Name;
  /**
   * A zod schema. Every payload is parsed with it before it is stored, and again when it is read. Where one of its messages is the
   * name of a message of the definition, whoever is refused reads that.
   */
  payload: z.ZodType<Payload, Input>;
  /** What a stored payload has to fit, where that is less than what may be sent. Default: the same. */
  stored?: z.ZodType<Payload>;
  /** What people filter and choose by: a word in small letters. Default `general`. */
  category?: string;
  /** Default NORMAL. A sending may say otherwise. */
  priority?: Priority;
  /** In how many seconds nobody is shown it any more. Default: never. A sending may say otherwise. */
  expiresIn?: number;
  /**
   * Notifications of one key and of this type belong together, as comments on one post do: lists and toasts show them as one.
   * 200 characters at most. Default: each stands by itself.
   */
  group?(payload: Payload): string;
  /** How several of one group read as one: "Ben and 3 others commented". Default: the newest's title, and how many more there are. */
  groupTitle?(rendering: GroupRendering<Payload, English>): string;
  /** ICU messages, by language. Default: none. */
  messages?: TextsOf<English>;
  /** How it reads, worked out whenever it is read. It has no effect beside what it gives back. */
  render(rendering: Rendering<Payload, English>): Content;
  /** What may be done with it, by name; the buttons stand in this order. Default: nothing. */
  actions?: Actions<Payload, Inputs, keyof English & string>;
  /** Of the payload. To be raised when older rows no longer fit the schema. Default 1. */
  version?: number;
  /** Makes a payload of an older version fit the schema. Default: it stays as it is. */
  upgrade?(payload: unknown, version: number): unknown;
}

/** A notification that can be sent: what `defineNotification` makes. */
export interface NotificationType<Payload = unknown, Input = Payload, Name extends string = string>
  extends EventType<Payload, Input, Name> {
  readonly category: string;
  readonly priority: Priority;
  readonly expiresIn: number | undefined;
  readonly version: number;
  readonly stored: z.ZodType<Payload>;
  readonly messages: Readonly<Record<string, Catalogue>>;
  readonly actions: Readonly<Record<string, ActionType>>;
  group?(payload: Payload): string;
  groupTitle?(rendering: GroupRendering<Payload>): string;
  render(rendering: Rendering<Payload>): Content;
  upgrade?(payload: unknown, version: number): unknown;
}

export const DEFAULT_CATEGORY = 'general';
const CATEGORY = /^[a-z][a-z0-9-]{0,63}$/;

/**
 * Defines a notification. Defining registers nothing: list the result in app/event-types.ts.
 *
 *     export const CommentAdded = defineNotification({
 *       name: 'CommentAdded',
 *       payload: z.object({ author: z.string(), post: z.string() }),
 *       category: 'comments',
 *       messages: { en: { title: '{author} commented on your post' } },
 *       render: ({ payload, t }) => ({ title: t('title', payload), link: `/posts/${payload.post}` }),
 *     });
 *
 *     await notify(CommentAdded, { to: { user: '7' }, payload: { author: 'Ben', post: '12' } });
 *
 * @throws TypeError when its name, its category or an action's name cannot stand in an address, an action does nothing, or its version is no whole
 * number from 1 on.
 */
export function defineNotification<
  Payload,
  Input = Payload,
  const English extends Catalogue = Catalogue,
  Inputs = unknown,
  const Name extends string = string,
>(
  definition: NotificationDefinition<Payload, Input, English, Inputs, Name>,
): NotificationType<Payload, Input, Name> {
  return Object.freeze(checked(definition));
}

/** The definition with its defaults. @throws TypeError as `defineNotification` does. */
export function checked<Payload, Input, English extends Catalogue, Inputs, Name extends string>(
  definition: NotificationDefinition<Payload, Input, English, Inputs, Name>,
): NotificationType<Payload, Input, Name> {
  const { name, category = DEFAULT_CATEGORY, version = 1, expiresIn } = definition;
  const actions = (definition.actions ?? {}) as Record<string, ActionType>;
  assertName(name);
  if (!CATEGORY.test(category)) {
    throw new TypeError(
      `${name} cannot have the category "${category}": use small letters, digits and hyphens, starting with a letter, 64 at most.`,
    );
  }
  if (!Number.isInteger(version) || version < 1) {
    throw new TypeError(`${name} cannot have the version ${version}: use whole numbers from 1 on.`);
  }
  if (expiresIn !== undefined && !(expiresIn > 0)) {
    throw new TypeError(`${name} cannot expire in ${expiresIn} seconds: use a number above 0.`);
  }
  assertActions(name, actions);
  return {
    priority: 'NORMAL',
    expiresIn: undefined,
    messages: {},
    stored: definition.payload,
    ...definition,
    actions,
    category,
    version,
  } as NotificationType<Payload, Input, Name>;
}

/** Whether it is stored when it is sent. */
export function isNotificationType(type: EventType): type is NotificationType {
  return 'render' in type;
}
