/** Sentences of the server that are put into words when it is known who reads them. */
import { en } from './en.ts';
import { compileAll } from './languages.ts';
import { type Catalogue, createTranslate, type Given, type Translate, type Value } from './translate.ts';

/** A message that was chosen, with what it is given. As a text, it is English: for the log. */
export interface Sentence {
  readonly key: string;
  readonly values: Readonly<Record<string, Value>> | undefined;
  /** The same in English. */
  readonly english: string;
}

/** What somebody is told: a message of the catalogue, or a plain text of an app that speaks one language. */
export type Told = string | Sentence;

/** See `createSay`. */
export interface Say<Messages extends Catalogue = Catalogue> {
  <Key extends keyof Messages & string>(key: Key, ...given: Given<Messages[Key]>): Sentence;
  /** What was chosen by a text alone, as a schema has it: the message of that key, or the text itself where it is none. */
  text(text: string, values: Readonly<Record<string, Value>>): Told;
}

/** Chooses messages of a catalogue. @param english The catalogue in English. */
export function createSay<Messages extends Catalogue>(english: Messages): Say<Messages> {
  let translate: Translate | undefined;
  function sentence(key: string, values: Sentence['values']): Sentence {
    translate ??= createTranslate({ locale: 'en-GB', timeZone: 'UTC' }, compileAll(english));
    return { key, values, english: translate(key, values) };
  }
  const say = (key: string, values?: Sentence['values']) => sentence(key, values);
  const text: Say['text'] = (text, values) => (Object.hasOwn(english, text) ? sentence(text, values) : text);
  return Object.assign(say, { text }) as Say<Messages>;
}

/** Chooses a sentence of Belfry's server. */
export const say = createSay(en);

/** The keys of Belfry's own messages. */
export type MessageKey = keyof typeof en;

/** In the reader's language; without one, in English. */
export function inWords(told: Told, translate?: Translate): string {
  if (typeof told === 'string') return told;
  return translate ? translate(told.key, told.values as Record<string, Value>) : told.english;
}
