/** A client that comes back with a Last-Event-ID that is not its own, or is no id at all. */
import { createSseReader, events, inboxFrames } from '../support/sse.ts';
import { idOf, withBelfry } from './belfry.ts';
import { type Fault, Verdict } from './fault.ts';
import { readRaw } from './raw-stream.ts';
import { inParallel, range } from './waiting.ts';

const READER = 2;
const STRANGER = 3;
const ANSWERS_AT_ONCE = 8;

export const lastEventId: Fault = {
  name: 'last-event-id',
  breaks: 'Last-Event-ID stale, foreign, forged, huge, negative, NUL',
  bound: 'the full set each time, reset where the id is not its own, nothing leaked',
  runs: 'beside',
  limitSeconds: { short: 60, full: 120 },
  dependsOnStreamPath: true,
  take: (circumstances) =>
    withBelfry({ ...circumstances, env: { MAX_STREAMS_PER_USER: '50' } }, async (belfry) => {
      const verdict = new Verdict();
      const toReader: number[] = [];
      const toStranger: number[] = [];
      await inParallel(range(60), 1, async (index) => {
        const target = index % 3 === 0 ? STRANGER : READER;
        const answer = await belfry.send({ title: 'A notice', message: `${index}`, targetUserId: target });
        (target === READER ? toReader : toStranger).push(idOf(answer));
      });
      const [first = 0] = toReader;
      const last = toReader.at(-1) ?? 0;
      const cookie = await belfry.cookieOf(READER);
      // What was dismissed stays away whatever a client claims to have seen.
      await belfry.ask('/notifications/dismiss', {
        method: 'POST',
        headers: { Cookie: cookie, Origin: belfry.url, 'Content-Type': 'application/json' },
        body: JSON.stringify({ ids: [first] }),
      });
      const expected = toReader.filter((id) => id !== first).toSorted((a, b) => b - a);

      const claims: { what: string; header: string | null; isOwn: boolean }[] = [
        { what: 'none', header: null, isOwn: true },
        { what: 'its newest', header: String(last), isOwn: true },
        { what: 'a stale one', header: String(toReader[1]), isOwn: true },
        { what: 'a dismissed one', header: String(first), isOwn: true },
        { what: 'one of another user', header: String(toStranger[3]), isOwn: false },
        { what: 'one that was never given', header: '123456', isOwn: false },
        { what: 'zero', header: '0', isOwn: false },
        { what: 'a negative one', header: '-1', isOwn: false },
        { what: 'a huge one', header: '9'.repeat(400), isOwn: false },
        { what: 'one above the safe integers', header: '9007199254740993', isOwn: false },
        { what: 'one above what the database holds', header: '9007199254740991', isOwn: false },
        { what: 'one with a NUL escaped', header: '%00', isOwn: false },
        { what: 'a fraction', header: '1.5', isOwn: false },
        { what: 'an exponent', header: '1e1', isOwn: false },
        { what: 'SQL', header: "1' OR '1'='1", isOwn: false },
        { what: 'bytes that are no ASCII', header: '\u00ff\u00fe', isOwn: false },
        { what: 'two ids', header: `${last}, ${last}`, isOwn: false },
      ];
      let complete = 0;
      await inParallel(claims, ANSWERS_AT_ONCE, async ({ what, header, isOwn }) => {
        const reader = createSseReader();
        const enough = (text: string) => text.split('event: SystemNotification').length > expected.length;
        const text = await readRaw(
          { port: belfry.port, cookie, headers: header === null ? {} : { 'Last-Event-ID': header } },
          enough,
        );
        reader.feed(withoutChunks(text));
        const [inbox] = inboxFrames(reader.decoded.messages);
        const ids = events(reader.decoded.messages).map(({ id }) => id);
        const isFull = ids.length >= expected.length - 1 && ids.every((id, at) => id === expected[at]);
        verdict.expect(
          isFull,
          `With ${what} the stream began with ${ids.length} of ${expected.length} events.`,
        );
        verdict.expect(inbox?.backlog === expected.length, `With ${what} the backlog was ${inbox?.backlog}.`);
        verdict.expect(
          inbox?.reset === (isOwn ? undefined : true),
          `With ${what} reset was ${inbox?.reset}.`,
        );
        if (isFull && inbox?.reset === (isOwn ? undefined : true)) complete += 1;
      });
      // HTTP allows no NUL in a header: the server may refuse the request, and must go on.
      const refused = await readRaw(
        { port: belfry.port, cookie, headers: { 'Last-Event-ID': '1\0' } },
        (text) => text.includes('\r\n\r\n'),
      );
      verdict.expect(
        refused.startsWith('HTTP/1.1 400'),
        `A raw NUL was answered with ${refused.slice(0, 12)}.`,
      );
      verdict.expect(await belfry.streamsBecome(0), 'Streams were left open.');
      return verdict.finding(`${complete} of ${claims.length} ids got the full set; a raw NUL is refused`);
    }),
};

/** The body of a chunked answer; the frames hold no line that looks like a chunk's length. */
function withoutChunks(text: string): string {
  const body = text.slice(text.indexOf('\r\n\r\n') + 4);
  return body.replace(/\r?\n?[0-9a-f]+\r\n/g, '');
}
