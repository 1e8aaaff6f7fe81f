import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encode, formatComment, formatFrame } from '../../lib/belfry/protocol/sse-format.ts';
import { createSseReader, decodeSse } from '../support/sse.ts';

/** What browsers and proxies have stumbled over. */
const TRAPS = [
  'one\rtwo',
  'one\ntwo',
  'one\r\ntwo',
  'one\n\ntwo',
  'nul \0 nul',
  '\uFEFFa byte order mark',
  'line\u2028separator\u2029paragraph',
  'a bell 🔔, a flag 🇫🇷, a family 👩‍👩‍👧',
  '\ud800 a lone surrogate',
  'x'.repeat(64 * 1024),
  'é'.repeat(64 * 1024),
  '',
  '\ndata: forged\n\n',
  '\nid: 999\nevent: inbox\ndata: {"unreadTotal":0}\n\n',
  '\rid: 999\revent: inbox\r\r',
  ': comment',
  'retry: 1',
];

test.each(TRAPS)('a text arrives as it was, in one event: %j', (text) => {
  const { messages, errors } = decodeSse(formatFrame({ id: 7, event: 'Note', data: { text } }));
  expect(errors).toEqual([]);
  expect(messages).toEqual([{ id: '7', event: 'Note', data: JSON.stringify({ text }) }]);
  expect(JSON.parse(messages[0]?.data ?? '')).toEqual({ text });
});

const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...TRAPS));

test('whatever the texts, however the bytes are cut, each frame is one event', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ id: fc.option(fc.integer({ min: 1 }), { nil: undefined }), text }), {
        maxLength: 8,
      }),
      fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1 }),
      (frames, cuts) => {
        const bytes = encode(
          frames
            .map(({ id, text }) =>
              formatFrame({ ...(id === undefined ? {} : { id }), event: 'Note', data: text }),
            )
            .join(''),
        );
        const reader = createSseReader();
        const decoder = new TextDecoder();
        for (let from = 0, cut = 0; from < bytes.length; cut += 1) {
          const length = cuts[cut % cuts.length] ?? 1;
          reader.feed(decoder.decode(bytes.subarray(from, from + length), { stream: true }));
          from += length;
        }
        expect(reader.decoded.errors).toEqual([]);
        expect(reader.decoded.messages.map(({ id, data }) => ({ id, text: JSON.parse(data) }))).toEqual(
          frames.map(({ id, text }) => ({ id: id?.toString(), text })),
        );
      },
    ),
    { numRuns: 60 },
  );
});

test('a frame without an id leaves the Last-Event-ID of the client alone', () => {
  expect(formatFrame({ event: 'heartbeat', data: {} })).not.toMatch(/^id/m);
});

test('a frame cut off before its empty line is not an event', () => {
  const frame = formatFrame({ id: 1, event: 'Note', data: 'x' });
  expect(decodeSse(frame.slice(0, -1)).messages).toEqual([]);
});

test('how long to wait before reconnecting goes in whole milliseconds', () => {
  const { retries, messages } = decodeSse(formatFrame({ retryMs: 1_234, event: 'reconnect', data: {} }));
  expect(retries).toEqual([1_234]);
  expect(messages).toHaveLength(1);
});

test.each(['plain', 'two\nlines', 'data: forged\n\nevent: x', 'carriage\rreturn', 'nul\0'])(
  'a comment is never an event: %j',
  (comment) => {
    const { messages, comments, errors } = decodeSse(formatComment(comment));
    expect(messages).toEqual([]);
    expect(errors).toEqual([]);
    expect(comments).toHaveLength(1);
  },
);
