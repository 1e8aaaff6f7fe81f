/**
 * The requests of the inbox. Each says whose page this is, and is refused when somebody else has signed in
 * since. Each rejects with a `RequestError`, whose message is a sentence for the person.
 */
import type { ChangeAnswer, InboxChanges, InboxPage, ItemFilter } from '../protocol/item.ts';
import type { NotificationSettings, SettingsAnswer } from '../protocol/settings.ts';
import type { Change } from './inbox-model.ts';
import { localeQuery, type TranslateClient } from './translate-client.ts';

// A request that nobody answers would otherwise hold up polling, or a dismissal, for as long as the browser likes.
const TIME_LIMIT_MS = 20_000;
// A proxy may ask for an hour; a person who looks at the page should not have to wait so long.
const LONGEST_WAIT_SECONDS = 120;
// Refusals of a request as this page makes it: another version may want it otherwise.
const ABOUT_THE_REQUEST = new Set([400, 404, 405, 415, 422]);

/** What tells whether the server is another version of the site than the page. */
export interface SiteVersion {
  /** Takes note of a version that the server has told. */
  note: (version: string | null | undefined) => void;
  isOther: () => boolean;
  /** As `isOther`, and asks the server first. */
  ask: () => Promise<boolean>;
}

export interface InboxRequests {
  /**
   * @param cursor `null` for the first page.
   * @param part Default: of the inbox, and as many as the server gives.
   */
  poll: (cursor: string | null, part?: { filter: ItemFilter; limit: number }) => Promise<InboxPage>;
  /** Rejects with the status 409 when the server cannot tell what changed since then. */
  changes: (since: string) => Promise<InboxChanges>;
  change: (change: Change) => Promise<ChangeAnswer>;
  undo: (token: string) => Promise<ChangeAnswer>;
  /** These were on the screen. */
  see: (ids: readonly number[]) => Promise<ChangeAnswer>;
  settings: () => Promise<SettingsAnswer>;
  changeSettings: (
    ...change: ['settings', NotificationSettings] | ['follow' | 'unfollow', { topic: string }]
  ) => Promise<SettingsAnswer>;
}

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

/** Whose pages ask, and how they read. */
export interface RequestsOptions {
  userKey: string;
  version: SiteVersion;
  /** The language of the page, as a BCP 47 tag. */
  locale: string;
  translate: TranslateClient;
  /** Where the app lives on its host, such as `/app`. Default: at the root. */
  basePath?: string | undefined;
}

/** The requests of one user's pages. */
export function createRequests(options: RequestsOptions): InboxRequests {
  const { userKey, version, locale, translate, basePath = '' } = options;
  /** The last reading that was refused for a while, until the time is over, by `performance.now()`. */
  let refused = { until: 0, error: new RequestError(429, '') };

  /** While the server asks to be left alone this rejects at once: many things on a page ask for it to be read again. */
  async function read<T>(path: string): Promise<T> {
    if (performance.now() < refused.until) throw refused.error;
    try {
      return await request(path, { method: 'GET' });
    } catch (error) {
      if (error instanceof RequestError && error.retryAfterMs > 0) {
        refused = { until: performance.now() + error.retryAfterMs, error };
      }
      throw error;
    }
  }

  function post<Answer>(name: string, body: object): Promise<Answer> {
    return request(`/notifications/${name}`, {
      method: 'POST',
      // Whoever dismisses and closes the page at once has dismissed.
      keepalive: true,
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  async function request<T>(path: string, init: RequestInit): Promise<T> {
    const headers = new Headers(init.headers);
    headers.set('X-Belfry-User', userKey);
    let response: Response;
    try {
      const signal = AbortSignal.timeout(TIME_LIMIT_MS);
      const url = `${basePath}${path}${path.includes('?') ? '&' : '?'}${localeQuery(locale)}`;
      response = await fetch(url, { ...init, headers, cache: 'no-store', signal });
    } catch {
      throw new RequestError(0, translate('belfry.client.unreachable'));
    }
    version.note(response.headers.get('X-Belfry-Version'));
    const body = await response.json().catch(() => null);
    if (response.ok && body !== null) return body;
    const refusal: string | undefined = body?.error?.message;
    // Without one it is no answer of ours: perhaps nothing is there any more.
    const isOutdated = refusal
      ? ABOUT_THE_REQUEST.has(response.status) && version.isOther()
      : await version.ask();
    const sentence = isOutdated
      ? translate('belfry.version.reload')
      : (refusal ?? translate('belfry.client.no-answer'));
    throw new RequestError(response.status, sentence, retryAfterOf(response));
  }

  return {
    poll(cursor, part) {
      const { view, category, priorities, group, q } = part?.filter ?? {};
      const query = new URLSearchParams();
      const asked = { cursor, limit: part?.limit, view, category, priority: priorities?.join(), group, q };
      for (const [name, value] of Object.entries(asked)) if (value != null) query.set(name, `${value}`);
      return read(`/notifications/poll${query.toString().replace(/^./, '?$&')}`);
    },
    changes: (since) => read(`/notifications/changes?since=${encodeURIComponent(since)}`),
    change: ({ kind, ...named }) => post(kind, named),
    undo: (token) => post('undo', { undo: token }),
    see: (ids) => post('seen', { ids }),
    settings: () => read('/notifications/settings'),
    changeSettings: (name, body) => post(name, body),
  };
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
