'use client';

import {
  Children,
  cloneElement,
  createContext,
  Fragment,
  type ReactElement,
  type ReactNode,
  use,
  useEffect,
  useMemo,
  useState,
} from 'react';
import {
  type Catalogue,
  createTranslate,
  createTranslateRich,
  type Language,
  type OwnMessages,
  type Reader,
  type Translate,
  type Value,
} from '../language/translate.ts';
import type { TimeWords } from './time-words.ts';

/** What a page is written in, as the server says with `languageOf`. A promise is waited for where something is said. */
type Given = Language | Promise<Language>;

const LanguageContext = /* @__PURE__ */ createContext<Given | null>(null);

/** Of a `LanguageProvider`. */
export interface LanguageProviderProps {
  language: Given;
  children: ReactNode;
}

/** The language of everything below it, where there is no `InboxProvider`, which has one of its own. */
export function LanguageProvider({ language, children }: LanguageProviderProps): ReactElement {
  return <LanguageContext value={useSameLanguage(language)}>{children}</LanguageContext>;
}

/** Each answer of the server brings it anew: as long as it is the same language, it is the same object. */
function useSameLanguage(given: Given): Given {
  const [kept, setKept] = useState(given);
  const isSame = kept === given || ('locale' in kept && 'locale' in given && kept.locale === given.locale);
  if (isSame) return kept;
  setKept(given);
  return given;
}

/** As `useLanguage`, for what cannot wait: `undefined` until it is known. */
export function useKnownLanguage(language: Given): Language | undefined {
  const given = useSameLanguage(language);
  const [resolved, setResolved] = useState<Language>();
  useEffect(() => {
    if ('locale' in given) return;
    let isCurrent = true;
    const keep = (next: Language) => {
      if (isCurrent) setResolved((last) => (last?.locale === next.locale ? last : next));
    };
    // What reads the language itself fails with it.
    given.then(keep, () => {});
    return () => {
      isCurrent = false;
    };
  }, [given]);
  return 'locale' in given ? given : resolved;
}

/** Suspends while the language is on its way. Throws where no provider says which it is. */
function useLanguage(): Language {
  const given = use(LanguageContext);
  if (!given) throw new Error('Words need a <LanguageProvider> or an <InboxProvider> above them.');
  return 'locale' in given ? given : use(given);
}

/**
 * Says messages in the language of the page: Belfry's own, and with `useTranslate<MyMessages>()` those of the app.
 * While the language is on its way the component suspends: `<Suspense>` goes around it.
 */
export function useTranslate<Messages extends Catalogue = OwnMessages>(): Translate<Messages> {
  const language = useLanguage();
  return useMemo(() => translateIn(language), [language]) as Translate<Messages>;
}

/** What a message with tags is given: for `<name>…</name>` an element, which gets what stands between. */
type RichValue = Value | ReactElement<{ children?: ReactNode }>;

/** See `useTranslateRich`. */
export type TranslateToNodes<Messages extends Catalogue> = <Key extends keyof Messages & string>(
  key: Key,
  values: Record<string, RichValue>,
) => ReactNode[];

/** As `useTranslate`, for messages with tags: each text of theirs stands in an element of its own. */
export function useTranslateRich<Messages extends Catalogue = OwnMessages>(): TranslateToNodes<Messages> {
  const language = useLanguage();
  return useMemo(() => {
    const translate = createTranslateRich<Messages, ReactElement>(readerOf(language), language.messages);
    return (key, values) =>
      translate(key, mapped(values)).map((part, at) =>
        // biome-ignore lint/suspicious/noArrayIndexKey: a message has its parts in one order
        typeof part === 'string' ? <span key={at}>{part}</span> : <Fragment key={at}>{part}</Fragment>,
      );
  }, [language]);
}

function mapped(values: Record<string, RichValue>) {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      isValue(value)
        ? value
        : (chunks: ReactNode[]) =>
            chunks.join('') === '' ? value : cloneElement(arrived(value), {}, ...chunks),
    ]),
  );
}

/** An element that the server has drawn may still be on its way, as each one is in development: it is waited for. */
function arrived(element: ReactElement): ReactElement {
  const [first] = Children.toArray(element);
  return first as ReactElement;
}

/**
 * What a category is called, in the language of the page: by the message `category.<name>` of the app's catalogue, as Belfry calls
 * its own, or else by its name. Suspends as `useTranslate` does.
 */
export function useCategoryName(): (category: string) => string {
  const language = useLanguage();
  return useMemo(() => {
    const translate = createTranslate(readerOf(language), language.messages);
    return (category) => {
      const keys = [`category.${category}`, `belfry.category.${category}`];
      const key = keys.find((each) => Object.hasOwn(language.messages, each));
      return key === undefined ? category : translate(key);
    };
  }, [language]);
}

/** What `describeRelative` needs. Suspends as `useTranslate` does. */
export function useTimeWords(): TimeWords {
  const { locale } = useLanguage();
  const translate = useTranslate();
  return useMemo(() => ({ locale, translate }), [locale, translate]);
}

/** Not by what an element looks like: see `arrived`. */
function isValue(value: RichValue): value is Value {
  return typeof value !== 'object' || value instanceof Date;
}

/** For what is outside of components. */
export function translateIn(language: Language): Translate<OwnMessages> {
  return createTranslate<OwnMessages>(readerOf(language), language.messages);
}

function readerOf({ locale }: Language): Pick<Reader, 'locale' | 'timeZone'> {
  return { locale, timeZone: new Intl.DateTimeFormat().resolvedOptions().timeZone };
}
