/**
 * Messages in a reader's language: ICU MessageFormat, compiled where the catalogues are (languages.ts), put into words here.
 * Pure and small: the browser has this file, and the compiled messages of the one language that it shows.
 */
import type { GetICUArgs } from '@schummar/icu-type-parser';
import format, { type CompiledMessage, type FormatValues } from 'icu-minify/format';
import type { en } from './en.ts';

/** How somebody reads: what they understand, how they write numbers and times, and where their clocks stand. */
export interface Reader {
  /** A language that there is a catalogue of: `en`, `zh-TW`. */
  language: string;
  /** The same with the region that they named, for `Intl`: `en-US`. A BCP 47 tag. */
  locale: string;
  /** An IANA name: `Asia/Taipei`. */
  timeZone: string;
}

/** Messages as they are written, by key. */
export type Catalogue = Readonly<Record<string, string>>;
/** Messages as they are formatted, by key. */
export type CompiledMessages = Readonly<Record<string, CompiledMessage>>;
/** Belfry's own messages, as they are written in English. */
export type OwnMessages = typeof en;

/** What the browser needs to show pages in a reader's language. */
export interface Language {
  /** The `lang` of a page, and what `Intl` is asked with. */
  locale: string;
  /** Which way it is written. */
  direction: 'ltr' | 'rtl';
  messages: CompiledMessages;
}

/** What a message is given: as its text says. */
export type ValuesOf<Text extends string> = string extends Text
  ? Record<string, Value>
  : GetICUArgs<Text, { ICUArgument: string | number; ICUNumberArgument: number; ICUDateArgument: Date }>;

export type Value = string | number | boolean | Date;

/** The arguments after the key: none where the message takes none. */
export type Given<Text extends string> = string extends Text
  ? [values?: Record<string, Value>]
  : keyof ValuesOf<Text> extends never
    ? []
    : [values: ValuesOf<Text>];

/** Says a message of the catalogue in the reader's language. Never fails: what no catalogue has reads as its key. */
export type Translate<Messages extends Catalogue = Catalogue> = <Key extends keyof Messages & string>(
  key: Key,
  ...given: Given<Messages[Key]>
) => string;

/** What a tag of a message becomes: `<b>…</b>`. */
export type Tag<Part> = (chunks: (string | Part)[]) => Part;

/** As `Translate`, of a message with tags. */
export type TranslateRich<Messages extends Catalogue, Part> = <Key extends keyof Messages & string>(
  key: Key,
  values: Record<string, Value | Tag<Part>>,
) => (string | Part)[];

/** Whoever reads many messages keeps one. */
export function createTranslate<Messages extends Catalogue = Catalogue>(
  reader: Pick<Reader, 'locale' | 'timeZone'>,
  messages: CompiledMessages,
): Translate<Messages> {
  const options = optionsFor(reader);
  return (key, ...[values]) => {
    const message = messages[key];
    if (message === undefined) return key;
    if (typeof message === 'string') return message;
    return String(format(message, reader.locale, values as FormatValues<string>, options));
  };
}

/** See `TranslateRich`. */
export function createTranslateRich<Messages extends Catalogue, Part>(
  reader: Pick<Reader, 'locale' | 'timeZone'>,
  messages: CompiledMessages,
): TranslateRich<Messages, Part> {
  const options = optionsFor(reader);
  return (key, values) => {
    const parts = format<Part>(messages[key] ?? key, reader.locale, values as FormatValues<Part>, options);
    return Array.isArray(parts) ? parts : [parts];
  };
}

// `{at, date, medium}`: the names that ICU has for them.
const DATES = { short: 'short', medium: 'medium', long: 'long', full: 'full' } as const;
const FORMATS = {
  date: Object.fromEntries(Object.values(DATES).map((dateStyle) => [dateStyle, { dateStyle }])),
  time: Object.fromEntries(Object.values(DATES).map((timeStyle) => [timeStyle, { timeStyle }])),
  number: { percent: { style: 'percent' }, integer: { maximumFractionDigits: 0 } },
  dateTime: { both: { dateStyle: 'medium', timeStyle: 'short' } },
} as const;

function optionsFor({ timeZone }: Pick<Reader, 'timeZone'>) {
  return { formats: FORMATS, formatters: FORMATTERS, timeZone };
}

const FORMATTERS = {
  getDateTimeFormat: kept(
    (...given: ConstructorParameters<typeof Intl.DateTimeFormat>) => new Intl.DateTimeFormat(...given),
  ),
  getNumberFormat: kept(
    (...given: ConstructorParameters<typeof Intl.NumberFormat>) => new Intl.NumberFormat(...given),
  ),
  getPluralRules: kept(
    (...given: ConstructorParameters<typeof Intl.PluralRules>) => new Intl.PluralRules(...given),
  ),
};

// Readers name their locale and zone themselves: what is kept of them is bounded.
const MOST_KEPT = 200;

/** To make a formatter takes a hundred times as long as to use it. */
function kept<Given extends unknown[], Made>(make: (...given: Given) => Made): (...given: Given) => Made {
  const made = new Map<string, Made>();
  return (...given) => {
    const key = JSON.stringify(given);
    let one = made.get(key);
    if (one === undefined) {
      one = make(...given);
      if (made.size >= MOST_KEPT) made.clear();
      made.set(key, one);
    }
    return one;
  };
}
