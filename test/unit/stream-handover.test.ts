/** How a connection is handed over, on real ones. What the app's own routes do with it: test/integration/routes-stream.test.ts. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { StreamSink } from '@/lib/belfry/engine/stream-sink.ts';
import { createHandoverSink } from '@/lib/belfry/http/stream-handover.ts';

const undo: (() => void)[] = [];
afterEach(() => {
  for (const each of undo.splice(0)) each();
});

/** Asks once; `handle` has the response, as it is before anything was said. */
async function ask(handle: (response: ServerResponse) => void): Promise<Response> {
  const server = createServer((_request, response) => handle(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  undo.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

const bytes = (text: string) => new TextEncoder().encode(text);
const gone = () => {};

test.each(['before', 'after'] as const)(
  'what is written %s the response is ended comes with its headers, and the stream goes on',
  async (when) => {
    let sink: StreamSink | null = null;
    const response = await ask((given) => {
      sink = createHandoverSink(given, gone);
      if (when === 'before') sink?.write(bytes('first '));
      given.setHeader('Content-Type', 'text/event-stream');
      given.end();
      if (when === 'after') setTimeout(() => sink?.write(bytes('first ')), 20);
    });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    expect(response.headers.get('content-length')).toBeNull();
    const opened = sink as StreamSink | null;
    opened?.write(bytes('second'));
    opened?.close();
    opened?.write(bytes('never'));
    expect(await response.text()).toBe('first second');
  },
);

test('what waited counts as queued, and of a stream that was closed before it began the rest still comes', async () => {
  let queued = 0;
  const response = await ask((given) => {
    const sink = createHandoverSink(given, gone);
    sink?.write(bytes('all of it'));
    queued = sink?.queuedBytes ?? 0;
    sink?.close();
    given.end();
  });
  expect([await response.text(), queued]).toEqual(['all of it', 9]);
});

test('another answer, as when the route failed, is given as it is', async () => {
  let wentAway = 0;
  const response = await ask((given) => {
    const sink = createHandoverSink(given, () => {
      wentAway += 1;
    });
    sink?.write(bytes('never'));
    given.statusCode = 500;
    given.end('An error page.');
  });
  expect([response.status, await response.text()]).toEqual([500, 'An error page.']);
  await expect.poll(() => wentAway).toBe(1);
});

test('a response that has begun cannot be handed over', async () => {
  let sink: StreamSink | null | undefined;
  const response = await ask((given) => {
    given.flushHeaders();
    sink = createHandoverSink(given, gone);
    given.end('plain');
  });
  expect([await response.text(), sink]).toEqual(['plain', null]);
});
