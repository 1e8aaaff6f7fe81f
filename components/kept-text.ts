'use client';

import { type RefObject, useEffect } from 'react';
import { isOtherVersion } from './site-version.ts';

/**
 * Keeps what was typed into a form while its page is reloaded because of a new version, in this tab only.
 * A password is never kept.
 *
 * @param name Of the form, on this site.
 * @param key Kept with it: what the server knows this draft by, so that it is not sent twice.
 */
export function useKeptText(
  form: RefObject<HTMLFormElement | null>,
  name: string,
  key: RefObject<string | null>,
): void {
  useEffect(() => {
    const place = `belfry.kept.${name}`;
    const kept = take(place);
    if (kept && form.current) {
      for (const [field, value] of kept.fields) type(form.current.elements.namedItem(field), value);
      key.current = kept.key;
    }
    const keep = () => {
      if (!isOtherVersion() || !form.current) return;
      const fields = [...form.current.elements].flatMap((one) =>
        isTyped(one) ? [[one.name, one.value] as const] : [],
      );
      sessionStorage.setItem(place, JSON.stringify({ fields, key: key.current }));
    };
    window.addEventListener('pagehide', keep);
    return () => window.removeEventListener('pagehide', keep);
  }, [form, name, key]);
}

type Typed = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

interface Kept {
  fields: [name: string, value: string][];
  key: string | null;
}

function take(place: string): Kept | null {
  const kept = sessionStorage.getItem(place);
  sessionStorage.removeItem(place);
  return kept === null ? null : JSON.parse(kept);
}

function isTyped(element: Element): element is Typed {
  if (element instanceof HTMLInputElement) {
    return !['password', 'hidden', 'file', 'checkbox', 'radio'].includes(element.type) && element.name !== '';
  }
  return element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement;
}

/** As a person would, so that the form hears of it. */
function type(field: Element | RadioNodeList | null, value: string): void {
  if (!(field instanceof Element) || !isTyped(field)) return;
  field.value = value;
  field.dispatchEvent(new Event('input', { bubbles: true }));
}
