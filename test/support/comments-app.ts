/**
 * A small app whose people comment on posts: a Belfry in memory with a type of its own, its routes on a port, and one page,
 * whose script the test gives. Everybody is Ada.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { type Belfry, createBelfry } from '../../lib/belfry/create-belfry.ts';
import { defineNotification } from '../../lib/belfry/definitions/notification-type.ts';
import type { ChangeName } from '../../lib/belfry/protocol/changes.ts';
import { memoryDatabase } from '../../lib/belfry/testing/memory-database.ts';

const ADA = 'ada';

const CommentAdded = defineNotification({
  name: 'CommentAdded',
  payload: z.object({ author: z.string(), post: z.string(), text: z.string() }),
  category: 'comments',
  messages: {
    en: {
      one: '{author} commented on {post}',
      several: '{author} and {others, plural, one {# other} other {# others}} commented on {post}',
      open: 'Open the post',
      like: 'Like',
    },
    'zh-TW': {
      one: '{author} 在「{post}」留言',
      several: '{author} 與其他 {others, number} 人在「{post}」留言',
      open: '開啟文章',
      like: '按讚',
    },
  },
  group: ({ post }) => post,
  groupTitle: ({ payloads: [newest], count, t }) => t('several', { ...newest, others: count - 1 }),
  render: ({ payload, t }) => ({
    title: t('one', payload),
    message: payload.text,
    link: '/',
    linkLabel: t('open'),
  }),
  actions: { like: { label: 'like', run: async () => {} } },
});

export interface CommentsApp {
  url: string;
  belfry: Belfry;
  /** Somebody comments on a post; on the roadmap, unless said otherwise. */
  comment: (author: string, more?: { text?: string; post?: string }) => Promise<number>;
  /** What a person did on a page: the last part of the path, with the body. */
  changes: () => readonly [name: string, body: unknown][];
  close: () => Promise<void>;
}

/** @param page Everything that is not a route of Belfry's. */
export async function startCommentsApp(page: string): Promise<CommentsApp> {
  const belfry = createBelfry({
    database: memoryDatabase(),
    migrates: true,
    types: [CommentAdded],
    languages: { en: {}, 'zh-TW': {} },
    users: { current: () => ({ id: ADA }) },
    log: { info() {}, warn() {}, error() {} },
  });
  const { stream, poll, changes, change } = belfry.handlers();
  const changed: [string, unknown][] = [];
  await belfry.start();

  async function answer(request: Request): Promise<Response> {
    const [, room, name = ''] = new URL(request.url).pathname.split('/');
    if (room === 'sse') return stream(request, name);
    if (room !== 'notifications') return new Response(page, { headers: { 'Content-Type': 'text/html' } });
    if (name === 'poll') return poll(request);
    if (name === 'changes') return changes(request);
    // What was on the screen is told in its own time.
    if (name !== 'seen') changed.push([name, await request.clone().json()]);
    return change[name as ChangeName](request);
  }

  const server = createServer((incoming, outgoing) => {
    // A page that closes breaks off its stream.
    void answer(requestOf(incoming))
      .then((response) => send(response, outgoing))
      .catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    belfry,
    async comment(author, { text = `A comment by ${author}.`, post = 'the roadmap' } = {}) {
      const { id } = await belfry.notify(CommentAdded, {
        to: { user: ADA },
        payload: { author, post, text },
      });
      return id as number;
    },
    changes: () => changed,
    async close() {
      await belfry.shutdown();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function requestOf(incoming: IncomingMessage): Request {
  const { method = 'GET', url = '/', headers } = incoming;
  const hasBody = method === 'POST';
  const gone = new AbortController();
  incoming.socket.on('close', () => gone.abort());
  return new Request(`http://${headers.host}${url}`, {
    method,
    headers: Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]),
    signal: gone.signal,
    ...(hasBody && { body: Readable.toWeb(incoming) as ReadableStream, duplex: 'half' }),
  });
}

async function send(response: Response, outgoing: ServerResponse): Promise<void> {
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body) await pipeline(Readable.fromWeb(response.body as never), outgoing);
  else outgoing.end();
}
