/** Messages of the server that are translated when it is known who reads them. */
import { en } from './en.ts';
import { compileAll } from './languages.ts';
import { type Catalogue, createTranslate, type Given, type Translate, type Value } from './translate.ts';

/** A message that was chosen, with what it is given. As a text, it is English: for the log. */
export interface LocalizedMessage {
  readonly key: string;
  readonly values: Readonly<Record<string, Value>> | undefined;
  /** The same in English. */
  readonly english: string;
}

/** What somebody reads: a message of the catalogue, or a plain text of an app that speaks one language. */
export type Wording = string | LocalizedMessage;

/** See `createToMessage`. */
export interface ToMessage<Messages extends Catalogue = Catalogue> {
  <Key extends keyof Messages & string>(key: Key, ...given: Given<Messages[Key]>): LocalizedMessage;
  /** What was chosen by a text alone, as a schema has it: the message of that key, or the text itself where it is none. */
  text(text: string, values: Readonly<Record<string, Value>>): Wording;
}

/** Chooses messages of a catalogue. @param english The catalogue in English. */
export function createToMessage<Messages extends Catalogue>(english: Messages): ToMessage<Messages> {
  let translate: Translate | undefined;
  function choose(key: string, values: LocalizedMessage['values']): LocalizedMessage {
    translate ??= createTranslate({ locale: 'en-GB', timeZone: 'UTC' }, compileAll(english));
    return { key, values, english: translate(key, values) };
  }
  const toMessage = (key: string, values?: LocalizedMessage['values']) => choose(key, values);
  const text: ToMessage['text'] = (text, values) =>
    Object.hasOwn(english, text) ? choose(text, values) : text;
  return Object.assign(toMessage, { text }) as ToMessage<Messages>;
}

/** Chooses a message of Belfry's server. */
export const toMessage = createToMessage(en);

/** The keys of Belfry's own messages. */
export type MessageKey = keyof typeof en;

/** In the reader's language; without one, in English. */
export function translateWording(wording: Wording, translate?: Translate): string {
  if (typeof wording === 'string') return wording;
  return translate ? translate(wording.key, wording.values as Record<string, Value>) : wording.english;
}
