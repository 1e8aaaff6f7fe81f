/**
 * The open registry of what may be sent. A module of the app defines its own, and lists it in app/event-types.ts;
 * nothing else changes.
 */
import { isDeepStrictEqual } from 'node:util';
import { compileAll, DEFAULT_LANGUAGE, Languages } from '../language/languages.ts';
import { type ToMessage, toMessage } from '../language/message.ts';
import {
  type CompiledMessages,
  createTranslate,
  type Reader,
  type Translate,
} from '../language/translate.ts';
import { type Log, plainLog } from '../log.ts';
import { type FullContent, toContent } from '../protocol/content.ts';
import { BelfryError, badField, parseInput } from '../protocol/errors.ts';
import type { EventEnvelope, StoredEvent } from '../protocol/event.ts';
import type { ItemAction, RunningJson } from '../protocol/item.ts';
import { isSafeLink } from '../protocol/site-path.ts';
import type { ActionType } from './action.ts';
import type { EventType } from './event-type.ts';
import { DEFAULT_CATEGORY, isNotificationType, type NotificationType } from './notification-type.ts';
import { isProgressType, type KeptProgress, type ProgressType } from './progress-type.ts';
import { isQuestionType, type Option } from './question-type.ts';

/** A stored event as somebody reads it. */
export interface Shown {
  category: string;
  /** As its type has it today; `null` when it no longer fits. Of a type that is gone: as it was stored. */
  payload: unknown;
  content: FullContent;
  /** What may be done with it; nothing, when it no longer fits its type. */
  actions: ItemAction[];
}

/** What is stored of a notification beside its payload, so that it can be read whatever becomes of its type. */
export interface Kept {
  payload: unknown;
  payloadVersion: number;
  groupKey: string | null;
  /** How it reads in English; `null` where the payload says it by itself. */
  content: FullContent | null;
}

// Well below what may wait for a slow client: one event must not end the streams that it goes to.
const LONGEST_PAYLOAD = 200_000;
const LONGEST_OWN_KEY = 200;
const LOG_EVERY_MS = 60_000;

/** The types that one engine knows. */
export class EventTypeRegistry {
  readonly languages: Languages;
  readonly #log: Log;
  #types: ReadonlyMap<string, EventType> = new Map();
  /** Of each notification, its messages by language. */
  #messages: ReadonlyMap<string, ReadonlyMap<string, CompiledMessages>> = new Map();
  /** When it was last told of a type that its renderer failed. */
  readonly #loggedAt = new Map<string, number>();

  /** @param options.languages What notifications have to be worded in. Default: English. */
  constructor({ languages = new Languages(), log = plainLog }: { languages?: Languages; log?: Log } = {}) {
    this.languages = languages;
    this.#log = log;
  }

  /**
   * Makes these the types that there are, in place of all that were: the list is read anew when it has
   * changed while the development server runs.
   *
   * @throws TypeError when two of them have one name, or one lacks a message in a language; then nothing changes.
   */
  registerAll(types: readonly EventType[]): void {
    const byName = new Map(types.map((type) => [type.name, type]));
    const doubled = types.find((type) => byName.get(type.name) !== type);
    if (doubled) throw new TypeError(`Two event types are named "${doubled.name}": rename one of them.`);
    this.#messages = new Map(
      types.filter(isNotificationType).map((type) => [type.name, this.#messagesOf(type)]),
    );
    this.languages.define(this.#byLanguage());
    this.#types = byName;
  }

  #byLanguage(): Map<string, CompiledMessages> {
    return new Map(
      this.languages.names.map((language) => [
        language,
        Object.fromEntries(
          [...this.#messages].flatMap(([name, messages]) =>
            Object.entries(messages.get(language) ?? {}).map(([key, message]) => [`${name}.${key}`, message]),
          ),
        ),
      ]),
    );
  }

  /** A schema of a definition may name messages of the same definition. */
  #toMessageOf({ name, messages }: NotificationType): Pick<ToMessage, 'text'> {
    const english = messages[DEFAULT_LANGUAGE] ?? {};
    return {
      text: (text, values) => {
        if (!Object.hasOwn(english, text)) return toMessage.text(text, values);
        const t = this.#translate(name, this.languages.readerOf({}));
        return { key: `${name}.${text}`, values, english: t(text, { ...values }) };
      },
    };
  }

  /** What a language's catalogue has under the notification's name counts as if the definition had it. */
  #messagesOf({ name, messages }: NotificationType): Map<string, CompiledMessages> {
    const needed = Object.keys(messages[DEFAULT_LANGUAGE] ?? {});
    return new Map(
      this.languages.names.map((language) => {
        const added = Object.fromEntries(
          needed.flatMap((key) => {
            const text = this.languages.text(language, `${name}.${key}`);
            return text === undefined ? [] : [[key, text]];
          }),
        );
        const texts = { ...messages[language], ...added };
        const missing = needed.find((key) => texts[key] === undefined);
        if (missing !== undefined) {
          throw new TypeError(
            `${name} does not say "${missing}" in ${language}: add it to its messages, or as "${name}.${missing}" to the catalogue of that language.`,
          );
        }
        return [language, compileAll(texts, name)];
      }),
    );
  }

  has(name: string): boolean {
    return this.#types.has(name);
  }

  names(): string[] {
    return [...this.#types.keys()];
  }

  /** The names of the notifications of a category. */
  namesIn(category: string): string[] {
    return [...this.#types.values()]
      .filter((type) => isNotificationType(type) && type.category === category)
      .map(({ name }) => name);
  }

  /** Each notification with its category: what people choose it by. */
  categorized(): { eventType: string; category: string }[] {
    return [...this.#types.values()]
      .filter(isNotificationType)
      .map(({ name, category }) => ({ eventType: name, category }));
  }

  /** The categories that there are, each once, in the order of the types. */
  categories(): string[] {
    return [...new Set(this.categorized().map(({ category }) => category))];
  }

  /**
   * The notification of that name.
   *
   * @throws BelfryError `unknown_event_type` when nobody registered it, it is not stored, or it is a long job: its end alone is.
   */
  notification(name: string): NotificationType {
    const type = this.#types.get(name);
    if (type && isNotificationType(type) && !isProgressType(type)) return type;
    throw unknownType(name);
  }

  /**
   * The long job of that name.
   *
   * @throws BelfryError `unknown_event_type` when nobody registered it, or it is none.
   */
  job(name: string): ProgressType {
    const type = this.#types.get(name);
    if (type && isProgressType(type)) return type;
    throw unknownType(name);
  }

  /**
   * How a stored event reads. Never fails: one that no longer fits its type, or whose type is gone, reads as what was
   * stored with it, and at last as its type's name.
   */
  show(
    event: Pick<StoredEvent, 'eventType' | 'payload' | 'payloadVersion' | 'content'>,
    reader: Reader,
  ): Shown {
    const type = this.#types.get(event.eventType);
    if (type === undefined || !isNotificationType(type)) {
      return { category: DEFAULT_CATEGORY, payload: event.payload, content: keptContent(event), actions: [] };
    }
    const { category } = type;
    const payload = this.#payloadOf(type, event);
    if (payload === undefined) return { category, payload: null, content: keptContent(event), actions: [] };
    const content = this.#render(type, payload, reader) ?? keptContent(event);
    return { category, payload, content, actions: this.#actionsOf(type, payload, reader) };
  }

  /**
   * How several of one group read as one.
   *
   * @param events Newest first: one at least, and not all of them where they are many.
   * @param count How many there are.
   */
  groupTitle(
    events: readonly Pick<StoredEvent, 'eventType' | 'payload' | 'payloadVersion' | 'content'>[],
    count: number,
    reader: Reader,
  ): string {
    const [newest] = events;
    if (newest === undefined) throw new RangeError('A group of nothing has no title.');
    const type = this.#types.get(newest.eventType);
    if (type && isNotificationType(type) && type.groupTitle) {
      const [first, ...others] = events.flatMap((event) => this.#payloadOf(type, event) ?? []);
      if (first !== undefined) {
        const title = this.#renderGroup(type, [first, ...others], count, reader);
        if (title !== null) return title;
      }
    }
    const { title } = this.show(newest, reader).content;
    return this.languages.translate(reader)('belfry.group.more', { title, count: count - 1 });
  }

  #renderGroup(
    type: NotificationType,
    payloads: readonly [unknown, ...unknown[]],
    count: number,
    reader: Reader,
  ): string | null {
    try {
      const { locale, timeZone } = reader;
      const t = this.#translate(type.name, reader);
      const title: unknown = type.groupTitle?.({ payloads, count, t, locale, timeZone });
      if (typeof title !== 'string' || title === '')
        throw new TypeError(`${type.name} rendered no title of a group.`);
      return title;
    } catch (error) {
      this.#logSeldom(type.name, error, 'render_failed');
      return null;
    }
  }

  /** How a fleeting event of a job that runs reads; `null`: it is none. */
  running(
    event: Pick<EventEnvelope, 'eventType' | 'payload' | 'payloadVersion' | 'content'>,
    reader: Reader,
  ): Pick<RunningJson, 'key' | 'title' | 'message' | 'fraction' | 'startedAt'> | null {
    const type = this.#types.get(event.eventType);
    if (type === undefined || !isProgressType(type)) return null;
    const { payload, content } = this.show(event, reader);
    const { key, startedAt, progress } = (payload ?? {}) as Partial<KeptProgress>;
    if (key === undefined || startedAt === undefined || progress?.state !== 'running') return null;
    const { title, message } = content;
    return { key, title, message, fraction: progress.fraction, startedAt };
  }

  #actionsOf(type: NotificationType, payload: unknown, reader: Reader): ItemAction[] {
    const named = Object.entries(type.actions);
    const hasOptions = isQuestionType(type) && type.options !== undefined;
    if (named.length === 0 && !hasOptions) return [];
    try {
      const t = this.#translate(type.name, reader);
      const own = named.map(([name, { label, confirm, input, link }]): ItemAction => {
        const address = link?.(payload) ?? null;
        if (address !== null && !isSafeLink(address))
          throw new TypeError(`"${name}" leads nowhere: ${address}`);
        return {
          name,
          label: t(label),
          confirm: confirm === undefined ? null : t(confirm),
          input: input ? { label: t(input.label), multiline: input.multiline ?? false } : null,
          link: address,
        };
      });
      return [...own, ...optionsOf(type, payload).map(toAction)];
    } catch (error) {
      this.#logSeldom(type.name, error, 'render_failed');
      return [];
    }
  }

  /** What an action is called, also one that is not there any more. */
  labelOf(
    event: Pick<StoredEvent, 'eventType' | 'payload' | 'payloadVersion' | 'content'>,
    action: string,
    reader: Reader,
  ): string {
    return this.show(event, reader).actions.find(({ name }) => name === action)?.label ?? action;
  }

  /**
   * What an action of a stored event does.
   *
   * @throws BelfryError `invalid_input` when the event has no such action, or what was filled in does not fit.
   */
  toTake(
    event: Pick<StoredEvent, 'eventType' | 'payload' | 'payloadVersion'>,
    action: string,
    input: unknown,
  ): { type: NotificationType; payload: unknown; input: unknown; run: ActionType['run'] } {
    const type = this.#types.get(event.eventType);
    const payload = type && isNotificationType(type) ? this.#payloadOf(type, event) : undefined;
    if (type === undefined || !isNotificationType(type) || payload === undefined) throw noAction(action);
    const defined = Object.hasOwn(type.actions, action) ? type.actions[action] : undefined;
    if (defined === undefined) {
      if (optionsOf(type, payload).some(({ name }) => name === action)) {
        return { type, payload, input: null, run: undefined };
      }
      throw noAction(action);
    }
    if (defined.link) throw noAction(action);
    if (!defined.input) return { type, payload, input: null, run: defined.run };
    const filledIn = parseInput(defined.input.schema, input, toMessage('server.belfry.input'), {
      within: 'input',
      toMessage: this.#toMessageOf(type),
    });
    return { type, payload, input: filledIn, run: defined.run };
  }

  /** As the question's type has it today; `undefined` when it does not fit. */
  payloadOf(question: Pick<StoredEvent, 'eventType' | 'payload' | 'payloadVersion'>): unknown {
    const type = this.#types.get(question.eventType);
    return type && isNotificationType(type) ? this.#payloadOf(type, question) : undefined;
  }

  #translate(name: string, reader: Reader): Translate {
    return createTranslate(reader, this.#messages.get(name)?.get(reader.language) ?? {});
  }

  /** As the type has it today; `undefined` when it does not fit. */
  #payloadOf(
    type: NotificationType,
    { payload, payloadVersion = 1 }: Pick<StoredEvent, 'payload' | 'payloadVersion'>,
  ): unknown {
    try {
      const isOlder = payloadVersion < type.version;
      const parsed = type.stored.safeParse(
        isOlder && type.upgrade ? type.upgrade(payload, payloadVersion) : payload,
      );
      return parsed.success ? parsed.data : undefined;
    } catch (error) {
      this.#logSeldom(type.name, error, 'upgrade_failed');
      return undefined;
    }
  }

  #render(type: NotificationType, payload: unknown, reader: Reader): FullContent | null {
    try {
      const { locale, timeZone } = reader;
      const t = this.#translate(type.name, reader);
      const content = toContent(type.render({ payload, t, locale, timeZone }));
      if (content === null) throw new TypeError(`${type.name} rendered no title.`);
      return content;
    } catch (error) {
      this.#logSeldom(type.name, error, 'render_failed');
      return null;
    }
  }

  /** Two types never meet in one group: neither could say how it reads. */
  #groupKeyOf(type: NotificationType, payload: unknown): string | null {
    try {
      const key = type.group?.(payload);
      if (key === undefined) return null;
      // What a payload may hold, a column of text may not: PostgreSQL takes no NUL, and half a character is none.
      const storable = key.slice(0, LONGEST_OWN_KEY).replaceAll('\0', '\ufffd').toWellFormed();
      return `${type.name}/${storable}`;
    } catch (error) {
      this.#logSeldom(type.name, error, 'group_failed');
      return null;
    }
  }

  /** Each list that holds such an item fails at it anew: once a minute is enough. */
  #logSeldom(eventType: string, error: unknown, code: string): void {
    const now = performance.now();
    if (now - (this.#loggedAt.get(eventType) ?? Number.NEGATIVE_INFINITY) < LOG_EVERY_MS) return;
    this.#loggedAt.set(eventType, now);
    this.#log.error({ err: error, code, eventType }, 'failed');
  }

  /**
   * What is stored of a notification. One that cannot be rendered is stored all the same: it reads as its type's name until
   * that is mended; one whose group cannot be made stands by itself.
   *
   * @throws BelfryError as `parsePayload` does.
   */
  keep(name: string, said: unknown): Kept {
    const payload = this.parsePayload(name, said);
    const type = this.#types.get(name);
    if (type === undefined || !isNotificationType(type)) {
      return { payload, payloadVersion: 1, groupKey: null, content: null };
    }
    const content = this.#render(type, payload, this.languages.readerOf({}));
    return {
      payload,
      payloadVersion: type.version,
      groupKey: this.#groupKeyOf(type, payload),
      content: saysByItself(payload, content) ? null : content,
    };
  }

  /**
   * The payload as its type's schema gives it back, defaults filled in.
   *
   * @param field Where the payload stands in what was said, for `fieldErrors`. Default: it is all of it.
   * @throws BelfryError `unknown_event_type` when nobody registered the type, `invalid_input` with
   * `fieldErrors` when the payload does not fit or is too long.
   */
  parsePayload(name: string, payload: unknown, field?: string): unknown {
    const type = this.#types.get(name);
    if (!type) throw unknownType(name);
    const refusal = toMessage('server.belfry.payload', { name });
    const ofType = isNotificationType(type) ? { toMessage: this.#toMessageOf(type) } : {};
    const parsed = parseInput(type.payload, payload, refusal, { within: field, ...ofType });
    if ((JSON.stringify(parsed)?.length ?? 0) > LONGEST_PAYLOAD) {
      throw new BelfryError(
        'invalid_input',
        toMessage('server.belfry.payload-too-long', { most: LONGEST_PAYLOAD }),
      );
    }
    return parsed;
  }
}

/** The buttons that the payload itself brings. */
function optionsOf(type: NotificationType, payload: unknown): readonly Option[] {
  return isQuestionType(type) ? (type.options?.(payload) ?? []) : [];
}

function toAction({ name, label }: Option): ItemAction {
  return { name, label, confirm: null, input: null, link: null };
}

function noAction(action: string): BelfryError {
  return badField('action', toMessage('server.belfry.no-such-action', { action }));
}

function unknownType(name: string): BelfryError {
  return new BelfryError('unknown_event_type', toMessage('server.belfry.no-such-type', { name }));
}

/** What was stored with it, or what its payload says by itself, or its type's name. */
function keptContent({
  eventType,
  payload,
  content,
}: Pick<StoredEvent, 'eventType' | 'payload' | 'content'>): FullContent {
  return toContent(content) ?? toContent(payload) ?? (toContent({ title: eventType }) as FullContent);
}

/** Whether the payload alone reads the same. */
function saysByItself(payload: unknown, content: FullContent | null): boolean {
  return content === null || isDeepStrictEqual(toContent(payload), content);
}
