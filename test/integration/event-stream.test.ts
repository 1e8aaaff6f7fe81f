import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { type CloseReason, EventStream, type Statement } from '../../lib/belfry/engine/event-stream.ts';
import { controlFrame, FrameBatch } from '../../lib/belfry/engine/frame-batch.ts';
import { createReadableSink } from '../../lib/belfry/engine/stream-sink.ts';
import { encode, formatFrame } from '../../lib/belfry/protocol/sse-format.ts';
import { MemorySink } from '../support/engine.ts';
import { decodeSse, events } from '../support/sse.ts';

const CREDENTIALS = { userId: 'ada', expiresAt: new Date(Date.UTC(2100, 0, 1)), key: 'session' };

/** Where an inbox stands that holds these. */
function statement(...ids: number[]): Statement {
  return {
    inbox: controlFrame('inbox', { kind: 'snapshot', count: ids.length }),
    items: live(...ids).frames,
    position: { eventId: Math.max(0, ...ids), revision: 0 },
  };
}

const IN_ENGLISH = { language: 'en', locale: 'en-GB', timeZone: 'UTC' };

function live(...ids: (number | null)[]): FrameBatch {
  const frames = ids.map((id) => ({
    id,
    text: formatFrame({ ...(id === null ? {} : { id }), event: 'Note', data: { id } }),
  }));
  return new FrameBatch(frames);
}

function openStream(sink = new MemorySink(), maxQueuedBytes = 65_536) {
  const closed: CloseReason[] = [];
  const stream = new EventStream({
    userId: 1,
    eventTypes: new Set(['Note']),
    reader: IN_ENGLISH,
    sink,
    maxQueuedBytes,
    credentials: CREDENTIALS,
    onClose: (_, reason) => closed.push(reason),
  });
  return { stream, sink, closed };
}

afterEach(() => vi.useRealTimers());

test('how soon to come back is said first, in one write with where the inbox stands, and once', () => {
  const { stream, sink } = openStream();
  expect(sink.writes).toBe(0);
  stream.begin(statement(1));
  expect(sink.writes).toBe(1);
  stream.send(live(2));
  expect([sink.ids, sink.retries]).toEqual([[1, 2], [2_000]]);
});

test('first where the inbox stands, then what waited, each event once', () => {
  const { stream, sink } = openStream();
  stream.send(live(5));
  stream.send(live(6, 5, null));
  expect(sink.messages).toEqual([]);
  stream.begin(statement(5, 4));
  expect(sink.messages.map(({ event }) => event)).toEqual(['inbox', 'Note', 'Note', 'Note', 'Note']);
  expect(sink.ids).toEqual([5, 4, 6, null]);
  expect(stream.position).toEqual({ eventId: 5, revision: 0 });
});

test('a later statement moves the position on, never back, and what it covers is not sent again', () => {
  const { stream, sink } = openStream();
  expect(stream.state(statement(9))).toBe(0);
  expect(stream.position).toBeNull();
  stream.begin(statement(1));
  stream.state({ ...statement(), position: { eventId: 4, revision: 7 } });
  stream.state({ ...statement(), position: { eventId: 2, revision: 6 } });
  expect(stream.position).toEqual({ eventId: 4, revision: 7 });
  stream.send(live(3, 5));
  expect(sink.ids).toEqual([1, 5]);
});

test('a batch that holds some of what was sent with the backlog is sent without that', () => {
  const { stream, sink } = openStream();
  stream.begin(statement(1, 2));
  stream.send(live(1, 3, 2, null));
  stream.send(live(2));
  expect(sink.ids).toEqual([1, 2, 3, null]);
});

test('it says how much it wrote: not what the client has had, nor what no longer fits', () => {
  const { stream } = openStream(new MemorySink(), 2_000);
  expect(stream.send(live(5, 6))).toBe(0);
  expect(stream.begin(statement(5, 4))).toEqual({ recovered: 2, live: 1 });
  expect(stream.send(live(4, 7, null))).toBe(2);
  expect(stream.send(live(4))).toBe(0);
  stream.close('client-gone');
  expect(stream.send(live(8))).toBe(0);

  const narrow = openStream(new MemorySink(), 700);
  narrow.stream.begin(statement());
  narrow.sink.reads = false;
  let written = 0;
  while (narrow.closed.length === 0) written += narrow.stream.send(live(9));
  expect(narrow.closed).toEqual(['too-slow']);
  expect(written).toBe(narrow.sink.ids.length);
});

test('beginning twice, and sending or closing after the end, does nothing', () => {
  const { stream, sink, closed } = openStream();
  stream.begin(statement(1));
  stream.begin(statement(2));
  stream.close('client-gone');
  stream.close('shutting-down', { comeBackMs: 10 });
  stream.send(live(3));
  stream.begin(statement(4));
  expect([sink.ids, sink.count('reconnect'), closed, sink.ended]).toEqual([
    [1],
    0,
    ['client-gone'],
    'closed',
  ]);
});

test('a stream that ends with its session says so, and does not ask its client to come back', () => {
  const { stream, sink, closed } = openStream();
  stream.begin(statement(1));
  stream.close('session-ended');
  expect(sink.messages.at(-1)).toMatchObject({ event: 'session-ended', data: '{}' });
  expect([sink.count('reconnect'), closed]).toEqual([0, ['session-ended']]);
});

test('what a client does not read is bounded to the byte; then its stream is dropped, and said to be slow', () => {
  const sink = new MemorySink();
  sink.reads = false;
  const size = live(1).chunk.byteLength;
  const { stream, closed } = openStream(sink, 1_000);
  stream.begin(statement());
  while (sink.queuedBytes + size <= 1_000) stream.send(live(1));
  expect(closed).toEqual([]);
  stream.send(live(1));
  expect([closed, sink.ended]).toEqual([['too-slow'], 'aborted']);
});

test('being told to come back when nothing more fits ends the stream all the same, once', () => {
  const sink = new MemorySink();
  const { stream, closed } = openStream(sink, 200);
  sink.reads = false;
  sink.write(encode('x'.repeat(180)));
  stream.close('shutting-down', { comeBackMs: 1_000 });
  expect(closed).toHaveLength(1);
  expect(sink.ended).toBe('aborted');
});

test('a batch for many streams is encoded once, and all get the same bytes', () => {
  const batch = live(1, 2);
  expect(batch.chunk).toBe(batch.chunk);
  expect(batch.above(0)).toBe(batch);
  expect(batch.above(1).frames.map(({ id }) => id)).toEqual([2]);
  expect(
    live(null, 1)
      .above(5)
      .frames.map(({ id }) => id),
  ).toEqual([null]);
});

/** Reads a body to its end, as text. */
async function readAll(body: ReadableStream<Uint8Array>): Promise<string> {
  return new Response(body).text();
}

test('a readable sink gives what was written, in order, and ends when it is closed', async () => {
  const { sink, body } = createReadableSink(() => {});
  sink.write(encode(live(1).frames[0]?.text ?? ''));
  sink.write(encode(live(2).frames[0]?.text ?? ''));
  sink.close();
  sink.close();
  sink.write(encode('after the end'));
  sink.abort();
  expect(events(decodeSse(await readAll(body)).messages).map(({ id }) => id)).toEqual([1, 2]);
});

test('a readable sink counts what waits, also far beyond its high-water mark, and forgets what was read', async () => {
  const { sink, body } = createReadableSink(() => {});
  const reader = body.getReader();
  expect(sink.queuedBytes).toBe(0);
  for (let n = 1; n <= 10; n += 1) {
    sink.write(new Uint8Array(10_000));
    expect(sink.queuedBytes).toBe(n * 10_000);
  }
  for (let n = 9; n >= 0; n -= 1) {
    await reader.read();
    expect(sink.queuedBytes).toBe(n * 10_000);
  }
});

test('one chunk can go to many streams, and each gets all of it', async () => {
  const chunk = encode('shared');
  const sinks = Array.from({ length: 3 }, () => createReadableSink(() => {}));
  for (const { sink } of sinks) {
    sink.write(chunk);
    sink.close();
  }
  expect(await Promise.all(sinks.map(({ body }) => readAll(body)))).toEqual(['shared', 'shared', 'shared']);
});

test('a client that goes away is told of once, and afterwards nothing is written, closed or counted', async () => {
  let gone = 0;
  const { sink, body } = createReadableSink(() => {
    gone += 1;
  });
  sink.write(encode('x'));
  await body.cancel();
  sink.write(encode('y'));
  sink.close();
  sink.abort();
  expect([gone, sink.queuedBytes]).toEqual([1, 0]);
});

test('an aborted sink drops what waits, and the reader hears of it', async () => {
  let gone = 0;
  const { sink, body } = createReadableSink(() => {
    gone += 1;
  });
  sink.write(encode('never read'));
  sink.abort();
  sink.abort();
  sink.close();
  await expect(readAll(body)).rejects.toThrow('too slowly');
  expect([gone, sink.queuedBytes]).toEqual([0, 0]);
});

test('a stream on a readable sink that is never read is dropped at its bound, whatever is written', async () => {
  const closed: CloseReason[] = [];
  const { sink, body } = createReadableSink(() => {});
  const stream = new EventStream({
    userId: 1,
    eventTypes: new Set(['Note']),
    reader: IN_ENGLISH,
    sink,
    maxQueuedBytes: 20_000,
    credentials: CREDENTIALS,
    onClose: (_, reason) => closed.push(reason),
  });
  stream.begin(statement());
  for (let n = 0; n < 2_000 && !stream.closed; n += 1) stream.send(live(n + 1));
  await nextTurn();
  expect(closed).toEqual(['too-slow']);
  await expect(readAll(body)).rejects.toThrow();
});
