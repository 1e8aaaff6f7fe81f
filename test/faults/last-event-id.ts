/** A client that comes back with an id or a state that is not its own, or is none at all. */
import { createSseReader, decodeSse, events, inboxFrames } from '../support/sse.ts';
import { idOf, withBelfry } from './belfry.ts';
import { type Fault, Verdict } from './fault.ts';
import { bodyOf, readRaw } from './raw-stream.ts';
import { inParallel, range } from './waiting.ts';

const READER = 2;
const STRANGER = 3;
const ANSWERS_AT_ONCE = 8;

export const lastEventId: Fault = {
  name: 'last-event-id',
  breaks: 'Last-Event-ID and ?since= stale, foreign, forged, huge, negative, NUL',
  bound: 'the full set each time, only what changed where the state is its own, nothing leaked',
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

      const state = await stateOf(belfry.port, cookie);
      const [history = '', eventId = '', revision = ''] = state.split('.');
      const claims: { what: string; header?: string; since?: string }[] = [
        { what: 'none' },
        { what: 'its newest id', header: String(last) },
        { what: 'a dismissed id', header: String(first) },
        { what: 'an id of another user', header: String(toStranger[3]) },
        { what: 'a huge id', header: '9'.repeat(400) },
        { what: 'words for an id', header: 'not an id' },
        { what: 'SQL for an id', header: "1' OR '1'='1" },
        { what: 'bytes that are no ASCII', header: '\u00ff\u00fe' },
        { what: 'an empty state', since: '' },
        { what: 'words for a state', since: 'not a state' },
        { what: 'SQL for a state', since: `${history}.1' OR '1'='1.0` },
        { what: 'NUL in a state', since: `${history}\0.${eventId}.${revision}` },
        { what: 'a state of another history', since: `another.${eventId}.${revision}` },
        { what: 'a state ahead of all events', since: `${history}.${Number(eventId) + 1}.${revision}` },
        { what: 'a state ahead of all changes', since: `${history}.${eventId}.${Number(revision) + 1}` },
        { what: 'a negative state', since: `${history}.-1.-1` },
        { what: 'a huge state', since: `${history}.${'9'.repeat(400)}.${revision}` },
        { what: 'a state above the safe integers', since: `${history}.9007199254740993.0` },
        { what: 'a very long state', since: 'x'.repeat(4_000) },
      ];
      let complete = 0;
      await inParallel(claims, ANSWERS_AT_ONCE, async ({ what, header, since }) => {
        const { messages } = await readStream(belfry.port, cookie, { header, since });
        const [inbox] = inboxFrames(messages);
        const ids = events(messages).map(({ id }) => id);
        const isFull = ids.length >= expected.length - 1 && ids.every((id, at) => id === expected[at]);
        verdict.expect(
          isFull,
          `With ${what} the stream began with ${ids.length} of ${expected.length} events.`,
        );
        const isSnapshot = inbox?.kind === 'snapshot' && inbox.count === expected.length;
        verdict.expect(isSnapshot, `With ${what} the stream began with ${JSON.stringify(inbox)}.`);
        if (isFull && isSnapshot) complete += 1;
      });
      const { messages } = await readStream(belfry.port, cookie, { since: state });
      const [own] = inboxFrames(messages);
      verdict.expect(
        own?.kind === 'changes' && own.changed.length === 0 && events(messages).length === 0,
        `With its own state the stream began with ${JSON.stringify(own)}.`,
      );
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
      return verdict.finding(
        `${complete} of ${claims.length} claims got the full set, its own state nothing; a raw NUL is refused`,
      );
    }),
};

/** What a stream begins with, for whoever names this id or this state. */
async function readStream(
  port: number,
  cookie: string,
  { header, since }: { header?: string | undefined; since?: string | undefined },
) {
  const reader = createSseReader();
  const query = since === undefined ? '' : `?since=${encodeURIComponent(since)}`;
  const text = await readRaw(
    {
      port,
      cookie,
      path: `/sse/SystemNotification${query}`,
      headers: header === undefined ? {} : { 'Last-Event-ID': header },
    },
    (read) => {
      const [inbox] = inboxFrames(decodeSse(bodyOf(read)).messages);
      if (!inbox) return false;
      return read.split('event: SystemNotification').length > (inbox.kind === 'snapshot' ? inbox.count : 0);
    },
  );
  reader.feed(bodyOf(text));
  return reader.decoded;
}

async function stateOf(port: number, cookie: string): Promise<string> {
  const [inbox] = inboxFrames((await readStream(port, cookie, {})).messages);
  return inbox?.state ?? '';
}
