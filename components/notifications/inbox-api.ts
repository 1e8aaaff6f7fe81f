/**
 * The three requests of the inbox. Each says whose page this is, and is refused when somebody else has
 * signed in since. Each rejects with a sentence for the person.
 */
import { isFromOtherVersion, isOtherVersion, NEW_VERSION, noteVersion } from '@/components/site-version.ts';
import type { PollAnswer, Totals } from './inbox-state.ts';

// A request that nobody answers would otherwise hold up polling, or a dismissal, for as long as the browser likes.
const TIME_LIMIT_MS = 20_000;
// A proxy may ask for an hour; a person who looks at the page should not have to wait so long.
const LONGEST_WAIT_SECONDS = 120;
// Refusals of a request as this page makes it: another version may want it otherwise.
const ABOUT_THE_REQUEST = new Set([400, 404, 405, 415, 422]);

export class RequestError extends Error {
  readonly status: number;
  /** For how long the server asked to be left alone; 0 when it did not. */
  readonly retryAfterMs: number;

  /** @param status The HTTP status; 0 when the server could not be reached. */
  constructor(status: number, sentence: string, retryAfterMs = 0) {
    super(sentence);
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The last page that was refused for a while, until the time is over, by `performance.now()`. */
let refused = { until: 0, error: new RequestError(429, '') };

/** While the server asks to be left alone this rejects at once: many things on a page ask for it to be read again. */
export async function fetchPage(userKey: string, cursor: number | null): Promise<PollAnswer> {
  if (performance.now() < refused.until) throw refused.error;
  const path = cursor === null ? '/notifications/poll' : `/notifications/poll?cursor=${cursor}`;
  try {
    return await request(userKey, path, { method: 'GET' });
  } catch (error) {
    if (error instanceof RequestError && error.retryAfterMs > 0) {
      refused = { until: performance.now() + error.retryAfterMs, error };
    }
    throw error;
  }
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
    retryAfterOf(response),
  );
}

/**
 * Of a 429, in whole seconds as our server sends it. A server that is on its way back says so as well, and is asked at
 * the ordinary pace: it may be there sooner.
 */
function retryAfterOf({ status, headers }: Response): number {
  if (status !== 429) return 0;
  const seconds = Number(headers.get('Retry-After') ?? 0);
  return seconds > 0 ? Math.min(seconds, LONGEST_WAIT_SECONDS) * 1_000 : 0;
}
