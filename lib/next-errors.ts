/**
 * What Next and libraries say of failures becomes lines of the log. Most of it is about requests that Next
 * refused as it should, which anybody can send: those are refusals, and nobody has to look at them.
 */
import { format, stripVTControlCharacters } from 'node:util';
import { log } from './log.ts';
import { type RefusalCode, refusals } from './refusals.ts';

/**
 * How the text of such a refusal begins: what the client wrote comes after it, so that nobody can make a failure
 * look like one.
 */
const REFUSALS: readonly (readonly [RegExp, RefusalCode])[] = [
  [/^`(x-forwarded-host|host)` header with value `[^`]*` does not match `origin` header/, 'wrong_origin'],
  [/^`x-forwarded-host` or `host` headers are not provided\. .* compare the `origin` header/, 'wrong_origin'],
  [/^Error: Failed to find Server Action/, 'unknown_action'],
  [/^Error: The Server Reference ID did not match the expected format/, 'bad_action'],
  [/^Error: Invalid Server Actions request\./, 'bad_action'],
  [/^Error: Server Action arguments list is too long/, 'bad_action'],
  [/^TypeError: Failed to parse body as FormData\./, 'bad_action'],
  [/^Error: Body exceeded \S+ ?\S* limit\./, 'body_too_large'],
  [/^Request body exceeded \S+ for /, 'body_too_large'],
  [/^Error: aborted\n/, 'request_aborted'],
  // An address in a header, which Next did not expect to be none: no other frames than its own.
  [/^TypeError: Invalid URL\n\s+at ignore-listed frames( \{|$)/, 'bad_request'],
  [
    /^TypeError: Invalid URL\n\s+at new URL \(node:internal\/url:\d+:\d+\)\n\s+at \w+ \(\S+\/next\/dist\//,
    'bad_request',
  ],
];

// Next puts it before whatever it hands to `onRequestError` as well.
const TOLD_TWICE = /^⨯ /;

/** Has `console.warn` and `console.error` write to the log. Called once, in production. */
export function logConsole(): void {
  for (const level of ['warn', 'error'] as const) {
    console[level] = (...said: unknown[]) => {
      const text = stripVTControlCharacters(format(...said)).trimStart();
      const refusal = refusalIn(text.replace(TOLD_TWICE, ''));
      if (refusal === null)
        log[level]({ code: 'console', detail: format(...said) }, 'said by Next or a library');
      else if (!TOLD_TWICE.test(text)) refusals.note(refusal);
    };
  }
}

/** Logs what a page threw, or counts it as a refusal. */
export function logPageError(error: unknown, request: { method: string; path: string }): void {
  const text = error instanceof Error ? `${error.stack}` : String(error);
  const refusal = refusalIn(text);
  // It follows the line about the origin.
  if (refusal === 'bad_action' && text.startsWith('Error: Invalid Server Actions request.')) return;
  if (refusal !== null) refusals.note(refusal, request);
  else log.error({ err: error, code: 'page_failed', ...request }, 'a page failed');
}

function refusalIn(text: string): RefusalCode | null {
  return REFUSALS.find(([beginning]) => beginning.test(text))?.[1] ?? null;
}
