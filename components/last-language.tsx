'use client';

import { useEffect } from 'react';

const KEY = 'belfry-language';

/** Notes the language of the page, for the one that stands in for it when the server cannot tell. */
export function LastLanguage({ locale }: { locale: string }) {
  useEffect(() => {
    try {
      localStorage.setItem(KEY, locale);
    } catch {
      // The browser keeps nothing: then its own languages count.
    }
  }, [locale]);
  return null;
}

/** The language of the page that this browser has shown last; empty when it has kept none. */
export function lastLanguage(): string {
  try {
    return localStorage.getItem(KEY) ?? '';
  } catch {
    return '';
  }
}
