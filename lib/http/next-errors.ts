/**
 * What Next and libraries say of failures becomes lines of the log. Most of it is about requests that Next
 * refused as it should, which anybody can send: those are refusals, and nobody has to look at them.
 */
import { format, stripVTControlCharacters } from 'node:util';
import { processSingleton } from '../config/process-singleton.ts';
import { log } from '../telemetry/log.ts';
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
  [/^Error: Body exceeded \S+ ?\S* limit\./, 'body_too_large'],
  [/^Request body exceeded \S+ for /, 'body_too_large'],
  [/^Error: aborted\n/, 'request_aborted'],
  // An address in a header, which Next did not expect to be none: no other frames than its own.
  [/^TypeError: Invalid URL\n\s+at ignore-listed frames( \{|$)/, 'bad_request'],
];

/** Where a page's own code, or a library that it calls, has no part: Next, Node, and the language. */
const FRAME_OF_NEXT =
  /\/next\/dist\/|node_modules_next_dist_|\(node:|at node:|<anonymous>|Promise\.all \(index/;

// So Next says that a request failed. It hands the error to `onRequestError` as well, a moment later.
const REQUEST_FAILED = /^⨯ (?!unhandledRejection|uncaughtException)/;
const HANDED_ON_WITHIN_MS = 1_000;

/** What `onRequestError` was given. */
const handedOn = processSingleton('errors-handed-on', () => new WeakSet<object>());

/** Has `console.warn` and `console.error` write to the log. Called once, in production. */
export function logConsole(): void {
  for (const level of ['warn', 'error'] as const) {
    console[level] = (...said: unknown[]) => {
      const detail = format(...said);
      const text = stripVTControlCharacters(detail).trimStart();
      const write = () => log[level]({ code: 'console', detail }, 'said by Next or a library');
      const error = said.find((each) => each instanceof Error);
      const refusal = refusalIn(text.replace(REQUEST_FAILED, ''));
      if (error && REQUEST_FAILED.test(text)) {
        if (refusal === null) setTimeout(() => handedOn.has(error) || write(), HANDED_ON_WITHIN_MS);
      } else if (refusal !== null) refusals.note(refusal);
      else write();
    };
  }
}

/** Logs what a page or an action threw, or counts it as a refusal. */
export function logPageError(error: unknown, request: { method: string; path: string }): void {
  if (typeof error === 'object' && error !== null) handedOn.add(error);
  const text = error instanceof Error ? `${error.stack}` : String(error);
  // What is posted to a page is a call of an action, or a form that is one: routes have their own answers.
  const isAction = request.method === 'POST';
  const refusal = refusalIn(text) ?? (isAction && isThrownByNext(text) ? 'bad_action' : null);
  if (refusal === null) log.error({ err: error, code: 'page_failed', ...request }, 'a page failed');
  // Of this one, the line about the origin has told.
  else if (!text.startsWith('Error: Invalid Server Actions request.')) refusals.note(refusal, request);
}

function refusalIn(text: string): RefusalCode | null {
  return REFUSALS.find(([beginning]) => beginning.test(text))?.[1] ?? null;
}

/**
 * Whether no code but Next's has a part in it: then an action's arguments could not be decoded. What an action does
 * wrong itself has a frame of its own.
 */
function isThrownByNext(stack: string): boolean {
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line));
  return frames.length > 0 && frames.every((frame) => FRAME_OF_NEXT.test(frame));
}
