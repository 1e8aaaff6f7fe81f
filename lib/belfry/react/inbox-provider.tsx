'use client';

import { Fragment, type ReactNode, useEffect, useMemo, useState } from 'react';
import { createInboxClient, type InboxClient, type Transport } from '../client/inbox-client.ts';
import type { SiteVersion } from '../client/requests.ts';
import { createToasts } from '../client/toasts.ts';
import type { Language } from '../language/translate.ts';
import { DEFAULT_BASE_PATH } from './base-path.ts';
import { ClientContext } from './client-context.ts';
import { LanguageProvider, type LanguageProviderProps, translateIn, useKnownLanguage } from './language.tsx';
import { linkTarget } from './link-target.ts';
import { signedOutInbox, unknownInbox } from './no-inbox.ts';
import type { AnyParts } from './notification-parts.ts';
import { openPanel } from './panel-state.ts';
import { serverClock } from './server-clock.ts';
import { NO_VERSION, SettingsContext } from './settings.ts';
import { toastStack } from './toast-stack.ts';
import { undoOffers } from './undo-offers-of-page.ts';
import { type UserKey, useUserKey } from './user-key.ts';

/** What an app says once, for everything below it. */
export interface InboxProviderProps {
  /**
   * Whose page this is, as the server names them in `userKey` of its answers. `null`: nobody is signed in; nothing
   * is fetched then. A promise is taken when it resolves, and need not be awaited.
   */
  userKey: string | null | Promise<string | null>;
  /**
   * What pages and server say is in this language: see `currentLanguage` of `belfry/next`. A promise need not be awaited
   * either; what has something to say suspends until it resolves.
   */
  language: LanguageProviderProps['language'];
  /** The stored types that the inbox shows, and the ephemeral ones that `useEvents` is told of. Default: `SystemNotification` and `Question`. */
  eventTypes?: readonly string[];
  /** The categories of the app's notifications, which a list can be narrowed to. Default: none, and there is nothing to choose from. */
  categories?: readonly string[];
  /** The routes of the app's pages: a link to one of them goes through the router. Default: none, and links are plain. */
  pages?: readonly string[];
  /** Where *Sign in again* leads. Default: nowhere, and there is no such link. */
  signInPath?: string;
  /** What Next calls `basePath`. Default: `NEXT_PUBLIC_BELFRY_BASE_PATH`, or else the root. */
  basePath?: string;
  /** `poll` where nothing can stay open, as on some serverless platforms: what is new comes within 20 s. Default `stream`. */
  transport?: Transport;
  /** Is told of the versions that the server states. Default: nobody is. */
  version?: SiteVersion;
  /** How the app draws the content of its own notifications: see `NotificationParts`. Default: as all look. */
  parts?: object;
  children: ReactNode;
}

const DEFAULT_TYPES = ['SystemNotification', 'Question'];
const NO_PARTS = {};
const UNKNOWN: Language = { locale: 'und', direction: 'ltr', messages: {} };
const toasts = /* @__PURE__ */ createToasts(toastStack, serverClock);

/** Keeps one inbox and one stream for the tree below it. Another user begins with a tree of their own. */
export function InboxProvider({
  userKey: given,
  language: givenLanguage,
  eventTypes = DEFAULT_TYPES,
  categories = [],
  pages = [],
  signInPath,
  basePath = DEFAULT_BASE_PATH,
  transport = 'stream',
  version = NO_VERSION,
  parts = NO_PARTS,
  children,
}: InboxProviderProps) {
  const userKey = useUserKey(given);
  const language = useKnownLanguage(givenLanguage);
  const person = usePersonCount(userKey);
  // The lists come anew with every page; the stream is to stay as long as they say the same.
  const typesKey = eventTypes.join();
  const pagesKey = pages.join();
  const categoriesKey = categories.join();
  const ofUser = useMemo(
    () => ({
      userKey,
      client: clientOf(userKey, language, { eventTypes: typesKey.split(','), version, basePath, transport }),
    }),
    [userKey, language, typesKey, version, basePath, transport],
  );
  const settings = useMemo(
    () => ({
      pages: partsOf(pagesKey),
      categories: partsOf(categoriesKey),
      signInPath: signInPath ?? null,
      basePath,
      version,
      parts: parts as AnyParts,
    }),
    [pagesKey, categoriesKey, signInPath, basePath, version, parts],
  );
  useEffect(() => ofUser.client.open(), [ofUser]);
  useEffect(() => undoOffers.beginFor(person), [person]);
  return (
    <LanguageProvider language={givenLanguage}>
      <SettingsContext value={settings}>
        <ClientContext value={ofUser}>
          <Fragment key={person}>{children}</Fragment>
        </ClientContext>
      </SettingsContext>
    </LanguageProvider>
  );
}

function clientOf(
  userKey: UserKey,
  language: Language | undefined,
  options: { eventTypes: string[]; version: SiteVersion; basePath: string; transport: Transport },
): InboxClient {
  const translate = translateIn(language ?? UNKNOWN);
  if (userKey === null) return signedOutInbox(translate);
  if (userKey === undefined || !language) return unknownInbox(translate);
  const client = createInboxClient({
    ...options,
    userKey,
    locale: language.locale,
    translate,
    clock: serverClock,
    toasts,
    onOpen: ({ id, link }) => {
      const target = linkTarget(link, [], '');
      if (!target) openPanel();
      else if (target.leadsTo === 'site') window.open(target.href, '_blank', 'noopener');
      else window.location.assign(`${options.basePath}${target.href}`);
      // It was read, whether or not the server hears of it.
      if (target) void client.read([id]).catch(() => {});
    },
  });
  return client;
}

function partsOf(joined: string): string[] {
  return joined === '' ? [] : joined.split(',');
}

/** Grows whenever somebody gives way to somebody else, or to nobody: nothing of theirs may stay on the screen. */
function usePersonCount(userKey: UserKey): number {
  const [last, setLast] = useState({ userKey, count: 0 });
  if (last.userKey === userKey) return last.count;
  const count = last.userKey ? last.count + 1 : last.count;
  setLast({ userKey, count });
  return count;
}
