/** Users who try to write lines of their own into the log, and failures that the log has to tell of. */
import { type Belfry, withBelfry } from '../faults/belfry.ts';
import { type Fault, type Finding, Verdict } from '../faults/fault.ts';
import { openSocket, readRaw, requestText } from '../faults/raw-stream.ts';
import { comesTrue, range } from '../faults/waiting.ts';

const READER = 2;
// Asks for a stream and breaks off: whether it came about before that is not decided here.
const LEAVER = 3;
const FORGED = '{"level":"error","code":"forged","userId":1,"msg":"all is lost"}';
const SHORT_FORGED = '{"level":"error","code":"forged"}';
// As a line of its own, after every kind of line break, and out of a JSON string.
const ATTEMPTS = [
  `\n${FORGED}\n`,
  `\r\n${FORGED}\r\n`,
  `\u2028${FORGED}\u2028`,
  `"}\n${FORGED}`,
  `\\n${FORGED}`,
];
const FAILURES = 5;
const TOLD_WITHIN_MS = 5_000;

type LogLine = Record<string, unknown>;

export const forgedLogLines: Fault = {
  name: 'forged-log-lines',
  breaks: 'line breaks and quotes in everything a user can send, while requests and streams fail',
  bound: 'no forged line; each failure is one JSON line with code, userId, eventType and streamId',
  runs: 'beside',
  limitSeconds: { short: 60, full: 60 },
  dependsOnStreamPath: true,
  take: (circumstances) => withBelfry(circumstances, take),
};

async function take(belfry: Belfry): Promise<Finding> {
  const verdict = new Verdict();
  const cookie = await belfry.cookieOf(READER);
  await sayEverything(belfry, cookie);

  // The table is away for a while, so that everything which needs it fails.
  belfry.sql('ALTER TABLE belfry_event RENAME TO event_away');
  await sayEverything(belfry, cookie);
  for (const _ of range(FAILURES)) {
    await readRaw({ port: belfry.port, cookie }, (text) => text.includes('event: reconnect'));
  }
  belfry.sql('ALTER TABLE event_away RENAME TO belfry_event');
  const failedStreams = () =>
    jsonLines(belfry).filter(({ code, userId }) => code === 'backlog_failed' && userId !== LEAVER);
  await comesTrue(() => failedStreams().length >= FAILURES, TOLD_WITHIN_MS);

  const lines = printedLines(belfry);
  const broken = lines.filter((line) => !isFromNext(line) && parse(line) === null);
  const forged = jsonLines(belfry).filter(({ code }) => code === 'forged');
  verdict.expect(forged.length === 0, `${forged.length} lines were forged.`);
  verdict.expect(broken.length === 0, `${broken.length} lines are no JSON, the first: ${broken[0]}`);
  const streamIds = new Set(failedStreams().map(({ streamId }) => streamId));
  verdict.expect(
    failedStreams().length === FAILURES && streamIds.size === FAILURES,
    `${FAILURES} streams failed, and ${failedStreams().length} lines tell of ${streamIds.size}.`,
  );
  verdict.expect(
    failedStreams().every(({ userId, eventType }) => userId === READER && eventType === 'SystemNotification'),
    'A line about a failed stream does not say whose it was.',
  );
  const failures = jsonLines(belfry).filter(({ level }) => level === 'error' || level === 'warn');
  const nameless = failures.filter(({ code }) => typeof code !== 'string');
  verdict.expect(nameless.length === 0, `A failure has no code: ${JSON.stringify(nameless[0])}`);
  return verdict.finding(
    `${lines.length} lines, ${forged.length} forged, ${broken.length} no JSON; ${failedStreams().length} of ${FAILURES} failed streams told in full`,
  );
}

/** Every place where a user's own text goes in. */
async function sayEverything(belfry: Belfry, cookie: string): Promise<void> {
  const asReader = { Cookie: cookie, Origin: belfry.url };
  for (const text of ATTEMPTS) {
    const encoded = encodeURIComponent(text);
    await belfry.send({
      title: text,
      message: text,
      audience: 'all',
      idempotencyKey: text,
      link: `/${text}`,
    });
    await belfry.ask(`/sse/${encoded}`, { headers: asReader });
    await belfry.ask(`/notifications/poll?cursor=${encoded}`, { headers: asReader });
    await belfry.ask('/notifications/poll', { headers: asReader });
    await belfry.ask(`/${encoded}`);
    await belfry.ask(`/_next/image?url=/${encoded}&w=640&q=75`);
    // Nobody else gets as far as Next's own words about it.
    await callUnknownAction(belfry, text, asReader);
    await post(belfry, '/notifications/dismiss', { ...asReader, 'Content-Type': 'application/json' }, text);
    await post(belfry, '/notifications/dismiss', asReader, JSON.stringify({ ids: [1] }));
    await post(belfry, '/notifications/clear', { ...asReader, Origin: `http://${encoded}` }, '');
    await signIn(belfry, text);
    await readRaw(
      { port: belfry.port, cookie: `${cookie}; ${encoded}=${encoded}`, method: 'HEAD' },
      isAnswered,
    );
  }
  // No text that a URL may hold.
  await belfry.ask('/sse/%E0%A4%A', { headers: asReader });
  await belfry.ask('/%00', { headers: asReader });
  const socket = await openSocket(belfry.port);
  socket.end(`${requestText({ cookie: await belfry.cookieOf(LEAVER) })}\n${FORGED}\n`);
  await new Promise((resolve) => socket.once('close', resolve).resume());
}

async function post(belfry: Belfry, path: string, headers: Record<string, string>, body: string) {
  return belfry.ask(path, { method: 'POST', headers, body });
}

/** A form that names a server action by an id of the 42 characters that Next expects. */
async function callUnknownAction(
  belfry: Belfry,
  text: string,
  asReader: Record<string, string>,
): Promise<void> {
  const id = text.replace(FORGED, SHORT_FORGED).slice(0, 42).padEnd(42, ' ');
  const form = new FormData();
  form.set(`$ACTION_ID_${id}`, '');
  const { headers, body } = await encodeForm(form);
  await post(belfry, '/', { ...headers, ...asReader }, body);
}

async function encodeForm(form: FormData): Promise<{ headers: Record<string, string>; body: string }> {
  const response = new Response(form);
  return {
    headers: { 'Content-Type': response.headers.get('Content-Type') ?? '' },
    body: await response.text(),
  };
}

async function signIn(belfry: Belfry, email: string): Promise<void> {
  const csrf = await belfry.ask('/api/auth/csrf');
  const { csrfToken } = JSON.parse(csrf.text) as { csrfToken: string };
  const cookies = (csrf.headers['set-cookie'] ?? []).map((cookie) => cookie.split(';')[0]).join('; ');
  const body = new URLSearchParams({ csrfToken, email, password: email, callbackUrl: email, json: 'true' });
  const headers = {
    Cookie: cookies,
    Origin: belfry.url,
    'Content-Type': 'application/x-www-form-urlencoded',
  };
  await post(belfry, '/api/auth/callback/credentials', headers, body.toString());
}

function isAnswered(text: string): boolean {
  return text.includes('\r\n\r\n');
}

function printedLines(belfry: Belfry): string[] {
  return belfry.server.log().split('\n').filter(Boolean);
}

function jsonLines(belfry: Belfry): LogLine[] {
  return printedLines(belfry)
    .map(parse)
    .filter((line) => line !== null);
}

function parse(line: string): LogLine | null {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return null;
  }
}

/** What Next says of itself when it starts. */
function isFromNext(line: string): boolean {
  return /^\s*(▲ Next\.js|- (Local|Network|Environments)|✓ (Starting|Ready|Running))/.test(line);
}
