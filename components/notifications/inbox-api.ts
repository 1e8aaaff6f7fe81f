/**
 * The three requests of the inbox. Each says whose page this is, and is refused when somebody else has
 * signed in since. Each rejects with a sentence for the person.
 */
import { isFromOtherVersion, isOtherVersion, NEW_VERSION, noteVersion } from '@/components/site-version.ts';
import type { PollAnswer, Totals } from './inbox-state.ts';

// A request that nobody answers would otherwise hold up polling, or a dismissal, for as long as the browser likes.
const TIME_LIMIT_MS = 20_000;
// Refusals of a request as this page makes it: another version may want it otherwise.
const ABOUT_THE_REQUEST = new Set([400, 404, 405, 415, 422]);

export class RequestError extends Error {
  readonly status: number;

  /** @param status The HTTP status; 0 when the server could not be reached. */
  constructor(status: number, sentence: string) {
    super(sentence);
    this.status = status;
  }
}

export function fetchPage(userKey: string, cursor: number | null): Promise<PollAnswer> {
  return request(userKey, cursor === null ? '/notifications/poll' : `/notifications/poll?cursor=${cursor}`, {
    method: 'GET',
  });
}

// `keepalive`: whoever dismisses and closes the page at once has dismissed.
export function postDismiss(userKey: string, ids: readonly number[]): Promise<Totals> {
  return request(userKey, '/notifications/dismiss', {
    method: 'POST',
    keepalive: true,
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ ids }),
  });
}

export function postClear(userKey: string): Promise<Totals & { clearedThroughId: number }> {
  return request(userKey, '/notifications/clear', { method: 'POST', keepalive: true });
}

async function request<T>(userKey: string, path: string, init: RequestInit): Promise<T> {
  const headers = new Headers(init.headers);
  headers.set('X-Belfry-User', userKey);
  let response: Response;
  try {
    response = await fetch(path, {
      ...init,
      headers,
      cache: 'no-store',
      signal: AbortSignal.timeout(TIME_LIMIT_MS),
    });
  } catch {
    throw new RequestError(0, 'The server cannot be reached. Check your connection, then try again.');
  }
  noteVersion(response.headers.get('X-Belfry-Version'));
  const body = await response.json().catch(() => null);
  if (response.ok && body !== null) return body;
  const refusal: string | undefined = body?.error?.message;
  // Without one it is no answer of ours: perhaps nothing is there any more.
  const isOutdated = refusal
    ? ABOUT_THE_REQUEST.has(response.status) && isOtherVersion()
    : await isFromOtherVersion();
  throw new RequestError(
    response.status,
    isOutdated ? NEW_VERSION : (refusal ?? 'The server could not answer. Try again in a moment.'),
  );
}
