/**
 * The languages that an app speaks. Belfry's own words are in en.ts and zh-TW.ts beside this; an app adds its own to
 * them, or another language, with one catalogue each.
 */
import { match } from '@formatjs/intl-localematcher';
import compile from 'icu-minify/compile';
import type { CompiledMessage } from 'icu-minify/format';
import Negotiator from 'negotiator';
import { en } from './en.ts';
import {
  type Catalogue,
  type CompiledMessages,
  createTranslate,
  type Language,
  type Reader,
  type Translate,
} from './translate.ts';
import { zhTW } from './zh-TW.ts';

export type { Language } from './translate.ts';

/** A catalogue for each language, by its BCP 47 tag. */
export type Catalogues = Readonly<Record<string, Catalogue>>;

/** What is known of how somebody reads; the first that fits counts. */
export interface Wishes {
  /** As the person, or their page, has chosen. Something else than a language tag is passed over. */
  locale?: string | null | undefined;
  /** The header of a request. */
  acceptLanguage?: string | null | undefined;
  /** An IANA name. Something else is passed over. Default `UTC`. */
  timeZone?: string | null | undefined;
}

const OWN: Catalogues = { en, 'zh-TW': zhTW };
/** What everything is said in, and whoever asks for no language that there is reads. */
export const DEFAULT_LANGUAGE = 'en';
// Of the region that says least: day before month, and a clock of 24 hours.
const DEFAULT_LOCALES: Record<string, string> = { en: 'en-GB' };
// What somebody sends us as a list of languages is looked at so far.
const LONGEST_HEADER = 500;
const MOST_WISHES = 10;
// Nothing of what the server alone says goes to a browser.
const OF_THE_SERVER = /^server\./;
const UTC = 'UTC';

/** See the file's head. */
export class Languages {
  readonly #catalogues: ReadonlyMap<string, Catalogue>;
  readonly #compiled = new Map<string, CompiledMessages>();
  readonly #ofPages = new Map<string, CompiledMessages>();
  /** With what definitions say, by language. */
  readonly #all = new Map<string, CompiledMessages>();
  /** What requests asked for lately: to find out takes longer than most of what else is done for one. */
  readonly #matched = new Map<string, Pick<Reader, 'language' | 'locale'>>();

  /**
   * @param added The app's own words, in each language that it speaks: `{ en: {}, 'zh-TW': {} }` where it has none. Where it
   * words something of Belfry's otherwise, its words count; what a language lacks reads in English. Default: English alone.
   * @throws TypeError when something is no language tag, or no message.
   */
  constructor(added: Catalogues = {}) {
    const names = [...new Set([DEFAULT_LANGUAGE, ...Object.keys(added)])];
    this.#catalogues = new Map(names.map((name) => [assertTag(name), { ...OWN[name], ...added[name] }]));
    for (const name of names) this.compiled(name);
  }

  /** The tags of all languages; English first. */
  get names(): string[] {
    return [...this.#catalogues.keys()];
  }

  /** A message as it is written; `undefined` where that language does not have it. */
  text(language: string, key: string): string | undefined {
    return this.#catalogues.get(language)?.[key];
  }

  /** How somebody reads. Never fails. */
  readerOf({ locale, acceptLanguage, timeZone }: Wishes): Reader {
    const key = `${locale ?? ''} ${acceptLanguage ?? ''}`.slice(0, LONGEST_HEADER);
    const matched = remembered(this.#matched, key, () => {
      const wanted = [locale ?? '', ...languagesIn(acceptLanguage)];
      return this.#match(wanted.flatMap((tag) => canonicalTag(tag) ?? []));
    });
    return {
      ...matched,
      timeZone: remembered(ZONES_KNOWN, timeZone ?? '', () => knownTimeZone(timeZone) ?? UTC),
    };
  }

  #match(wanted: readonly string[]): Pick<Reader, 'language' | 'locale'> {
    const matched = wanted.map((tag) => match([tag], this.names, NONE));
    const language = matched.find((name) => name !== NONE) ?? DEFAULT_LANGUAGE;
    // Who chose a language writes dates as where they are: Traditional Chinese in Hong Kong as there.
    const variant = wanted.find(
      (tag, at) => matched[at] === language && tag !== language && isOfLanguage(tag, language),
    );
    return { language, locale: variant ?? localeOf(language) };
  }

  /** Says messages as somebody reads them. */
  translate<Messages extends Catalogue = Catalogue>(reader: Reader): Translate<Messages> {
    return createTranslate(reader, this.#all.get(reader.language) ?? this.compiled(reader.language));
  }

  /** Takes in what definitions say, by `Name.key`, in place of all that they said before. No browser gets it. */
  define(messages: ReadonlyMap<string, CompiledMessages>): void {
    this.#all.clear();
    for (const [language, defined] of messages) {
      this.#all.set(language, { ...this.compiled(language), ...defined });
    }
  }

  /** What a page in that language needs in the browser. */
  languageOf({ language, locale }: Reader): Language {
    let messages = this.#ofPages.get(language);
    if (!messages) {
      messages = Object.fromEntries(
        Object.entries(this.compiled(language)).filter(([key]) => !OF_THE_SERVER.test(key)),
      );
      this.#ofPages.set(language, messages);
    }
    return { locale, direction: directionOf(locale), messages };
  }

  /** All messages of a language. */
  compiled(language: string): CompiledMessages {
    let messages = this.#compiled.get(language);
    if (!messages) {
      const catalogue = this.#catalogues.get(language);
      messages = {
        ...(language === DEFAULT_LANGUAGE ? {} : this.compiled(DEFAULT_LANGUAGE)),
        ...compileAll(catalogue ?? {}),
      };
      this.#compiled.set(language, messages);
    }
    return messages;
  }
}

const NONE = 'und';
// They come from outside: what is kept of them is bounded.
const MOST_REMEMBERED = 500;
const ZONES_KNOWN = new Map<string, string>();

function remembered<Found>(known: Map<string, Found>, key: string, find: () => Found): Found {
  let found = known.get(key);
  if (found === undefined) {
    found = find();
    if (known.size >= MOST_REMEMBERED) known.clear();
    known.set(key, found);
  }
  return found;
}

/**
 * @param of Whose messages they are, for the error.
 * @throws TypeError that names the message which is none.
 */
export function compileAll(catalogue: Catalogue, of = 'A catalogue'): Record<string, CompiledMessage> {
  return Object.fromEntries(
    Object.entries(catalogue).map(([key, text]) => {
      try {
        // Its objects have no prototype, and such none React takes to the browser.
        return [key, JSON.parse(JSON.stringify(compile(text)))];
      } catch (error) {
        throw new TypeError(`${of} says "${key}" with what is no ICU message: ${(error as Error).message}`);
      }
    }),
  );
}

function isOfLanguage(tag: string, language: string): boolean {
  return new Intl.Locale(tag).language === new Intl.Locale(language).language;
}

function localeOf(language: string): string {
  return DEFAULT_LOCALES[language] ?? language;
}

/** Node 20 and some browsers have it as a property. */
function directionOf(locale: string): 'ltr' | 'rtl' {
  const known = new Intl.Locale(locale) as Intl.Locale & { getTextInfo?: () => { direction?: string } };
  return known.getTextInfo?.().direction === 'rtl' ? 'rtl' : 'ltr';
}

function languagesIn(header: string | null | undefined): string[] {
  if (!header) return [];
  const headers = { 'accept-language': header.slice(0, LONGEST_HEADER) };
  return new Negotiator({ headers }).languages().slice(0, MOST_WISHES);
}

/** Without what some tags say of calendars and digits; `null`: it is none. */
function canonicalTag(tag: string): string | null {
  try {
    return tag === '' || tag === '*' ? null : new Intl.Locale(tag).baseName;
  } catch {
    return null;
  }
}

function assertTag(name: string): string {
  if (canonicalTag(name) === name) return name;
  throw new TypeError(`"${name}" cannot name a language: use a BCP 47 tag, such as de or pt-BR.`);
}

const ZONES = /^[A-Za-z0-9_+\-/]{1,64}$/;

function knownTimeZone(name: string | null | undefined): string | null {
  if (!name || !ZONES.test(name)) return null;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return null;
  }
}
