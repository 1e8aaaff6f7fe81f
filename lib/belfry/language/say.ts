/** Sentences of the server that are put into words when it is known who reads them. */
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

/** Chooses messages of a catalogue. @param english The catalogue in English. */
export function createSay<Messages extends Catalogue>(english: Messages) {
  let translate: Translate<Messages> | undefined;
  return <Key extends keyof Messages & string>(key: Key, ...given: Given<Messages[Key]>): Sentence => {
    translate ??= createTranslate<Messages>({ locale: 'en-GB', timeZone: 'UTC' }, compileAll(english));
    return { key, values: given[0] as Sentence['values'], english: translate(key, ...given) };
  };
}

/** In the reader's language; without one, in English. */
export function inWords(told: Told, translate?: Translate): string {
  if (typeof told === 'string') return told;
  return translate ? translate(told.key, told.values as Record<string, Value>) : told.english;
}
