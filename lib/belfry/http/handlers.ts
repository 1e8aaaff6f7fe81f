/**
 * The handlers of Belfry's routes: from a `Request` to a `Response`. Who asks, and whether they may, the app says;
 * what is refused is thrown as a `BelfryError`, for the app to answer as its other routes do.
 */
import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import type { Authorize } from '../accounts/authorize.ts';
import type { Credentials, EventStream } from '../engine/event-stream.ts';
import type { StreamSink } from '../engine/stream-sink.ts';
import { askedFor } from '../language/asked.ts';
import type { Languages } from '../language/languages.ts';
import type { MessageKey } from '../language/message.ts';
import type { Reader } from '../language/translate.ts';
import type { NotificationProvider } from '../notifications/provider.ts';
import { type ChangeName, changeSchemas, groupKey } from '../protocol/changes.ts';
import { type ChangeAnswer, VIEWS } from '../protocol/item.ts';
import { PRIORITIES, type Priority } from '../protocol/priority.ts';
import { topicSchema } from '../protocol/settings.ts';
import { jsonResponse } from './json-response.ts';
import { readMediaType } from './media-type.ts';
import { queryOf, readJson, readQuery } from './read-request.ts';
import { createSseResponse, SSE_HEADERS } from './sse-response.ts';

/** A request for a stream, from whoever the credentials say. */
export interface OpenStream {
  credentials: Credentials;
  eventTypes: readonly string[];
  /** The position that the client has reached, as it came. Default: it knows nothing. */
  since?: string | null;
  /** How the user reads. Default: English, in UTC. */
  reader?: Reader;
}

export interface HandlersOptions {
  /**
   * Who asks, and whether they may: asked first by each handler, for what it is about to do. A `change` may come from
   * another site's page; whether it does is to be looked at here too.
   *
   * @throws BelfryError that says why not.
   */
  authorize: Authorize;
  /** Whom to talk to, asked at each request. Default: Belfry's own provider. */
  notifications?: () => NotificationProvider;
  /** What is behind a request, for the fast path of a stream (stream-handover.ts). Default: the plain path. */
  takeConnection?: ((request: Request) => ServerResponse | null) | undefined;
}

type Handler = (request: Request) => Promise<Response>;

/** One handler for each route; of the paths only `GET /sse/<eventType>` matters to them. */
export interface Handlers {
  /** `GET /sse/<eventType>`: `eventTypes` is that part of the path, several separated by commas. */
  stream: (request: Request, eventTypes: string) => Promise<Response>;
  /** `HEAD /sse/<eventType>`: answers as `stream` would, without opening one. */
  probe: (request: Request, eventTypes: string) => Promise<Response>;
  /** `GET /notifications/poll` */
  poll: Handler;
  /** `GET /notifications/changes` */
  changes: Handler;
  /** `POST /notifications/<change>` */
  change: { readonly [Name in ChangeName]: Handler };
  /** How one wants to be told, and what one follows. */
  settings: {
    /** `GET /notifications/settings` */
    read: Handler;
    /** `POST /notifications/settings` */
    save: Handler;
    /** `POST /notifications/follow` */
    follow: Handler;
    /** `POST /notifications/unfollow` */
    unfollow: Handler;
  };
}

type Body<Name extends ChangeName> = z.output<(typeof changeSchemas)[Name]>;

type Changes = {
  [Name in ChangeName]: (
    provider: NotificationProvider,
    change: Body<Name> & { userId: string },
  ) => Promise<ChangeAnswer>;
};

const CHANGES: Changes = {
  dismiss: (provider, change) => provider.dismiss(change),
  clear: (provider, change) => provider.clear(change),
  read: (provider, change) => provider.read(change),
  unread: (provider, change) => provider.unread(change),
  restore: (provider, change) => provider.restore(change),
  snooze: (provider, change) => provider.snooze(change),
  seen: (provider, change) => provider.see(change),
  undo: (provider, change) => provider.undo(change),
  act: (provider, change) => provider.act(change),
};

// Of as many categories as can be named, with room for white space.
const MAX_SETTINGS_BYTES = 65_536;
const CURSOR = 'server.belfry.cursor' satisfies MessageKey;
const LIMIT = 'server.belfry.limit' satisfies MessageKey;

const PRIORITY = 'server.belfry.priorities' satisfies MessageKey;
// Longer than any title.
const LONGEST_SEARCH = 200;

const isPriority = (name: string): name is Priority => (PRIORITIES as readonly string[]).includes(name);

const pollQuery = z.object({
  cursor: z
    .string(CURSOR)
    .regex(/^[1-9]\d{0,15}(-[1-9]\d{0,15})?$/, CURSOR)
    .optional(),
  limit: z.coerce.number(LIMIT).int(LIMIT).min(1, LIMIT).max(100, LIMIT).optional(),
  view: z.enum(VIEWS).optional(),
  category: z.string().max(64).optional(),
  priority: z
    .string()
    .transform((text) => text.split(','))
    .refine((names) => names.every(isPriority), {
      error: PRIORITY,
      params: { priorities: PRIORITIES.join(', ') },
    })
    .transform((names) => names.filter(isPriority))
    .optional(),
  group: groupKey.optional(),
  q: z.string().max(LONGEST_SEARCH).optional(),
});

const changesQuery = z.object({
  since: z.string('server.belfry.since' satisfies MessageKey).max(200),
});

/** @param belfry Whom they talk to: see `createBelfry`, whose `handlers` this is. */
export function createHandlers(
  belfry: {
    notifications: () => NotificationProvider;
    prepareStream: (request: OpenStream) => Promise<(sink: StreamSink) => EventStream>;
    languages: Languages;
    version: string | undefined;
  },
  { authorize, takeConnection = () => null }: Omit<HandlersOptions, 'notifications'>,
): Handlers {
  const { notifications, prepareStream, languages, version } = belfry;
  const readerOf = (request: Request, user: Credentials) => languages.readerOf(askedFor(request, user));

  async function prepare(request: Request, eventTypes: string) {
    const credentials = await authorize(request, 'connect');
    return prepareStream({
      credentials,
      eventTypes: [...new Set(eventTypes.split(',').filter(Boolean))],
      since: queryOf(request).get('since'),
      reader: readerOf(request, credentials),
    });
  }

  const changeHandler =
    <Name extends ChangeName>(name: Name): Handler =>
    async (request) => {
      const { userId } = await authorize(request, 'change');
      const body = name === 'clear' && !saysWhat(request) ? {} : await readChange(request, name);
      return jsonResponse(await CHANGES[name](notifications(), { ...(body as Body<Name>), userId }), {
        version,
      });
    };

  const topicHandler =
    (name: 'follow' | 'unfollow'): Handler =>
    async (request) => {
      const { userId } = await authorize(request, 'change');
      const { topic } = await readJson(request, topicSchema);
      return jsonResponse(await notifications()[name]({ userId, topic }), { version });
    };

  return {
    async stream(request, eventTypes) {
      const connect = await prepare(request, eventTypes);
      // Nothing below waits, so that a client cannot leave unnoticed in between.
      if (request.signal.aborted) return new Response(null, { status: 499 });
      let stream: EventStream | null = null;
      const onGone = () => stream?.close('client-gone');
      const { sink, response } = createSseResponse(request, takeConnection(request), onGone);
      stream = connect(sink);
      return response;
    },
    async probe(request, eventTypes) {
      await prepare(request, eventTypes);
      return new Response(null, { headers: SSE_HEADERS });
    },
    async poll(request) {
      const user = await authorize(request, 'poll');
      const { userId } = user;
      const reader = readerOf(request, user);
      const { priority: priorities, ...asked } = readQuery(request, pollQuery);
      const page = await notifications().fetchPage({ userId, reader, priorities, ...asked });
      return jsonResponse(page, { version });
    },
    async changes(request) {
      const user = await authorize(request, 'poll');
      const { userId } = user;
      const { since } = readQuery(request, changesQuery);
      const reader = readerOf(request, user);
      return jsonResponse(await notifications().fetchChanges({ userId, since, reader }), { version });
    },
    change: {
      dismiss: changeHandler('dismiss'),
      clear: changeHandler('clear'),
      read: changeHandler('read'),
      unread: changeHandler('unread'),
      restore: changeHandler('restore'),
      snooze: changeHandler('snooze'),
      seen: changeHandler('seen'),
      undo: changeHandler('undo'),
      act: changeHandler('act'),
    },
    settings: {
      async read(request) {
        const { userId } = await authorize(request, 'poll');
        return jsonResponse(await notifications().readSettings({ userId }), { version });
      },
      async save(request) {
        const { userId } = await authorize(request, 'change');
        const settings = await readJson(request, z.unknown(), { maxBytes: MAX_SETTINGS_BYTES });
        return jsonResponse(await notifications().saveSettings({ userId, settings }), { version });
      },
      follow: topicHandler('follow'),
      unfollow: topicHandler('unfollow'),
    },
  };
}

/** A button of a form, and a program that just asks, have nothing to say: then it is all there is at that moment. */
function saysWhat({ headers }: Request): boolean {
  const hasBody = headers.has('transfer-encoding') || Number(headers.get('content-length') ?? 0) > 0;
  return hasBody && readMediaType(headers.get('content-type'))?.essence === 'application/json';
}

function readChange(request: Request, name: ChangeName): Promise<unknown> {
  return readJson<unknown>(request, changeSchemas[name]);
}
