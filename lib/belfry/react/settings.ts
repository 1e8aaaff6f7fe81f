'use client';

import { createContext, use } from 'react';
import type { SiteVersion } from '../client/requests.ts';
import { DEFAULT_BASE_PATH } from './base-path.ts';
import type { AnyParts } from './notification-parts.ts';

/** What the app has told of itself, for everything below the provider. */
export interface Settings {
  /**
   * The routes of the app's pages, as Next.js writes them: `/reports/[id]`. The router fetches what it goes
   * to, and again when that turns out to be no page: so it is asked for pages alone.
   */
  pages: readonly string[];
  signInPath: string | null;
  basePath: string;
  version: SiteVersion;
  /** Of the app's notifications, to choose from. */
  categories: readonly string[];
  /** How the app draws its notifications. */
  parts: AnyParts;
}

/** Of an app that says nothing of its versions. */
export const NO_VERSION: SiteVersion = {
  note: () => {},
  isOther: () => false,
  ask: async () => false,
};

/** Of an app that has said nothing, where there is no provider. */
export const SettingsContext = /* @__PURE__ */ createContext<Settings>({
  pages: [],
  signInPath: null,
  basePath: DEFAULT_BASE_PATH,
  version: NO_VERSION,
  categories: [],
  parts: {},
});

/** The settings of the provider above; without one, those of an app that has said nothing. */
export function useSettings(): Settings {
  return use(SettingsContext);
}
