/** Texts that a careless encoder would break a frame with, read by decoders that are not ours. */
import { request } from 'node:http';
import { EventSource } from 'eventsource';
import { createParser } from 'eventsource-parser';
import { chromium } from 'playwright';
import { tidy } from '../../lib/belfry/protocol/text.ts';
import { findBrowser } from '../../scripts/browser.mjs';
import { type Belfry, idOf, type Notice, withBelfry } from './belfry.ts';
import { type Fault, type Finding, Verdict } from './fault.ts';
import { comesTrue, range } from './waiting.ts';

const FULL_COUNT = 300;
const SHORT_COUNT = 60;
const READER = 2;
const ARRIVE_LIMIT_MS = 30_000;
const LONG_LINE_BYTES = 65_536;
// The same texts in every run.
const SEED = 20_261_123;

const PIECES = [
  ...['\r', '\n', '\r\n', '\r\r', '\n\n', '\0', '\ufeff', '\u2028', '\u2029', '\u0085', '\t', '\u000b'],
  ...['🔔', '👩‍👩‍👧‍👦', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', 'e\u0301', '\ud800', '\udc00', '漢字', '\u202e', '\uffff', '\u0001', '\u007f'],
  ...[
    'data: x',
    'event: inbox',
    'id: 7',
    'retry: 1',
    ': a comment',
    ':',
    'data',
    '"',
    '\\',
    '\\n',
    '\\u0000',
  ],
  ...['</script>', '&amp;', '%0A', ' ', '  ', 'a', 'word ', '{"id":1}', 'x'.repeat(1_000)],
];

/** What a decoder read: the id of the frame beside the one in the data, and the texts. */
interface Read {
  lastEventId: string;
  id: number;
  title: string;
  message: string;
  link?: string;
}

interface Decoder {
  name: string;
  /** What was read so far, as JSON that keeps what is no valid Unicode. */
  read: () => Promise<Read[]>;
  isOpen: () => Promise<boolean>;
  close: () => Promise<void>;
}

export const otherDecoders: Fault = {
  name: 'other-decoders',
  breaks: `${FULL_COUNT} notifications (short: ${SHORT_COUNT}) full of CR, LF, NUL, BOM, U+2028, emoji, half surrogates and lines over 64 KB`,
  bound:
    'npm eventsource, eventsource-parser and Chromium read every one of them exactly, live and in the backlog',
  runs: 'beside',
  limitSeconds: { short: 90, full: 120 },
  dependsOnStreamPath: true,
  take: (circumstances) =>
    withBelfry(circumstances, (belfry) => take(belfry, circumstances.short ? SHORT_COUNT : FULL_COUNT)),
};

async function take(belfry: Belfry, count: number): Promise<Finding> {
  const verdict = new Verdict();
  const cookie = await belfry.cookieOf(READER);
  const decoders = await Promise.all([
    openEventSource(belfry, cookie),
    openParser(belfry, cookie),
    openChromium(belfry, cookie),
  ]);
  try {
    for (const decoder of decoders) {
      verdict.expect(await comesTrue(decoder.isOpen, ARRIVE_LIMIT_MS), `${decoder.name} did not connect.`);
    }
    const expected: Read[] = [];
    let longest = 0;
    let sent = 0;
    for (const notice of notices(count)) {
      const payload = payloadOf(notice);
      const answer = await belfry.send(notice);
      // What nobody may write in a notice, or as JSON, another type of event may hold.
      const isRefused = answer.status === 422 || answer.status === 400;
      const id = isRefused ? store(belfry, payload) : idOf(answer);
      sent += isRefused ? 0 : 1;
      expected.push({ lastEventId: String(id), id, ...payload });
      longest = Math.max(longest, JSON.stringify(payload).length);
    }
    verdict.expect(longest > LONG_LINE_BYTES, `The longest line had ${longest} bytes only.`);
    verdict.expect(sent > 0 && sent < count, `${sent} of ${count} were taken from the sender.`);
    const figures: string[] = [];
    for (const decoder of decoders) {
      await comesTrue(async () => (await decoder.read()).length >= count, ARRIVE_LIMIT_MS);
      // What was stored past the app is found and announced a little later than what was sent.
      const read = (await decoder.read()).toSorted((one, other) => one.id - other.id);
      const equal = countEqual(read, expected);
      figures.push(`${decoder.name} ${equal}`);
      verdict.expect(equal === count, `${decoder.name} read ${equal} of ${count} as they were sent.`);
    }
    const recovered = await readBacklog(belfry, cookie);
    const fromBacklog = countEqual(recovered.toReversed(), expected.slice(-recovered.length));
    verdict.expect(
      recovered.length > 0 && fromBacklog === recovered.length,
      `The backlog held ${fromBacklog} of ${recovered.length} as they were sent.`,
    );
    return verdict.finding(
      `of ${count}, ${sent} of them sent and the rest stored, read exactly: ${figures.join(', ')}; backlog ${fromBacklog} of ${recovered.length}; longest line ${longest} bytes`,
    );
  } finally {
    for (const decoder of decoders) await decoder.close();
  }
}

/** What the app makes of a notice: line breaks of one kind, and no white space around the text. */
function payloadOf({ title, message, link }: Notice): { title: string; message: string; link?: string } {
  return { title: tidy(title), message: tidy(message), ...(link ? { link: tidy(link) } : {}) };
}

/** Puts an event into the table beside the server, which finds it there. */
function store(belfry: Belfry, payload: object): number {
  const [row] = belfry.sql(
    'INSERT INTO belfry_event (event_type, priority, payload, created_at) VALUES (?, 1, ?, ?) RETURNING id',
    'SystemNotification',
    JSON.stringify(payload),
    Date.now(),
  ) as { id: number }[];
  if (!row) throw new Error('The event was not stored.');
  return row.id;
}

function countEqual(read: readonly Read[], expected: readonly Read[]): number {
  const same = (one: Read | undefined, other: Read) => one !== undefined && textOf(one) === textOf(other);
  return expected.filter((one, index) => same(read[index], one)).length;
}

function textOf({ lastEventId, id, title, message, link }: Read): string {
  return JSON.stringify([lastEventId, id, title, message, link]);
}

/** Notices of random pieces, and the extremes. */
function notices(count: number): Notice[] {
  const random = randomNumbers(SEED);
  const pick = () => PIECES[Math.floor(random() * PIECES.length)] as string;
  const text = (pieces: number, longest: number) =>
    `a${range(Math.ceil(random() * pieces))
      .map(pick)
      .join('')}`.slice(0, longest);
  const extremes: Notice[] = [
    { title: `a${'\0'.repeat(199)}`, message: `a${'\0'.repeat(9_999)}`, link: `/${'\u0001'.repeat(1_900)}` },
    { title: 'a', message: 'a'.repeat(10_000) },
    { title: '🔔'.repeat(100), message: '🔔'.repeat(5_000) },
    { title: 'a', message: `a${'\r\n'.repeat(4_999)}a` },
    { title: '\u2028a\u2028', message: '\ufeffa\ufeff' },
    { title: 'data: x', message: `a\n\nevent: inbox\ndata: {"reset":true}\n\nid: 1\n\n` },
  ];
  const generated = range(Math.max(0, count - extremes.length)).map(() => ({
    title: text(6, 200),
    message: text(40, 10_000),
  }));
  return [...extremes, ...generated].map((notice) => ({ ...notice, audience: 'all' }));
}

/** Numbers from 0 up to 1 that follow from the seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function toRead(lastEventId: string, data: string): Read {
  const { id, payload } = JSON.parse(data) as { id: number; payload: Omit<Read, 'id' | 'lastEventId'> };
  return { lastEventId, id, ...payload };
}

async function openEventSource(belfry: Belfry, cookie: string): Promise<Decoder> {
  const source = new EventSource(`${belfry.url}/sse/SystemNotification`, {
    fetch: (url, init) => fetch(url, { ...init, headers: { ...init.headers, Cookie: cookie } }),
  });
  const read: Read[] = [];
  source.addEventListener('SystemNotification', ({ lastEventId, data }) => {
    read.push(toRead(lastEventId, data));
  });
  return {
    name: 'eventsource',
    read: async () => read,
    isOpen: async () => source.readyState === source.OPEN,
    close: async () => source.close(),
  };
}

/** Fed with pieces that end anywhere, also in the middle of a character. */
async function openParser(belfry: Belfry, cookie: string): Promise<Decoder> {
  const read: Read[] = [];
  const parser = createParser({
    onEvent: ({ id = '', event, data }) => {
      if (event === 'SystemNotification') read.push(toRead(id, data));
    },
  });
  let isOpen = false;
  const random = randomNumbers(SEED);
  const decoder = new TextDecoder();
  const outgoing = request(`${belfry.url}/sse/SystemNotification`, { headers: { Cookie: cookie } });
  outgoing.on('error', () => {});
  outgoing.on('response', (incoming) => {
    isOpen = incoming.statusCode === 200;
    incoming.on('error', () => {});
    incoming.on('data', (bytes: Buffer) => {
      for (let at = 0; at < bytes.length; ) {
        const end = at + Math.ceil(random() * 700);
        parser.feed(decoder.decode(bytes.subarray(at, end), { stream: true }));
        at = end;
      }
    });
  });
  outgoing.end();
  return {
    name: 'eventsource-parser',
    read: async () => read,
    isOpen: async () => isOpen,
    close: async () => {
      outgoing.destroy();
    },
  };
}

async function openChromium(belfry: Belfry, cookie: string): Promise<Decoder> {
  const browser = await chromium.launch({ executablePath: await findBrowser() });
  const context = await browser.newContext();
  const at = cookie.indexOf('=');
  await context.addCookies([{ name: cookie.slice(0, at), value: cookie.slice(at + 1), url: belfry.url }]);
  const page = await context.newPage();
  // A page of the same site that opens no stream itself.
  await page.goto(`${belfry.url}/api/health`);
  await page.evaluate(() => {
    const read: { lastEventId: string; data: string }[] = [];
    const source = new EventSource('/sse/SystemNotification');
    source.addEventListener('SystemNotification', ({ lastEventId, data }) => {
      read.push({ lastEventId, data });
    });
    Object.assign(window, { read, source });
  });
  return {
    name: 'Chromium',
    read: async () => {
      // As JSON: half a surrogate would not survive the way here.
      const text = await page.evaluate(() => JSON.stringify(Reflect.get(window, 'read')));
      const messages = JSON.parse(text) as { lastEventId: string; data: string }[];
      return messages.map(({ lastEventId, data }) => toRead(lastEventId, data));
    },
    isOpen: () => page.evaluate(() => Reflect.get(window, 'source').readyState === 1),
    close: () => browser.close(),
  };
}

/** What a new stream begins with, newest first. */
async function readBacklog(belfry: Belfry, cookie: string): Promise<Read[]> {
  const decoder = await openParser(belfry, cookie);
  await comesTrue(async () => (await decoder.read()).length > 0, ARRIVE_LIMIT_MS);
  const last = idOf(await belfry.send({ title: 'The last', message: 'Of them.', audience: 'all' }));
  await comesTrue(async () => (await decoder.read()).some(({ id }) => id === last), ARRIVE_LIMIT_MS);
  await decoder.close();
  return (await decoder.read()).filter(({ id }) => id !== last);
}
