/** Strangers, and an ordinary user, who send what has to be refused, over and over. */
import { readFileSync } from 'node:fs';
import { ADMIN, type Belfry, withBelfry } from '../faults/belfry.ts';
import { type Fault, type Finding, Verdict } from '../faults/fault.ts';
import { openSocket } from '../faults/raw-stream.ts';
import { comesTrue, inParallel, range } from '../faults/waiting.ts';

const MANIFEST = new URL('../../.next/server/server-reference-manifest.json', import.meta.url);
const USER = 2;
const AT_ONCE = 20;
const ANSWER_LIMIT_MS = 10_000;
const UNKNOWN_ACTION = '0'.repeat(42);
// Before, one request with a wrong origin took 1,905 bytes.
const BYTES_PER_REQUEST = 20;

interface Attempt {
  what: string;
  /** The bytes of one request. */
  text: string;
  /** The code that it has to be counted under, where it is ours to say. */
  counted?: string;
  /** Breaks off once it has been sent. */
  leaves?: boolean;
  /** Next answers it with 500, whatever we do: somebody who is signed in wrote it by hand. */
  nextFails?: boolean;
}

export const logFlood: Fault = {
  name: 'log-flood',
  breaks: 'strangers and an ordinary user send what has to be refused, of more than 70 kinds, over and over',
  bound: `counted by kind in \`belfry_refusals_total\`; \`belfry_failures_total\` stays 0; under ${BYTES_PER_REQUEST} bytes of log a request, and under 300 a line`,
  runs: 'beside',
  limitSeconds: { short: 60, full: 300 },
  dependsOnStreamPath: false,
  take: (circumstances) =>
    withBelfry(circumstances, (belfry) => take(belfry, circumstances.short ? 20 : 1_000)),
};

async function take(belfry: Belfry, times: number): Promise<Finding> {
  const verdict = new Verdict();
  const attempts = attemptsOn(belfry, await belfry.cookieOf(USER));
  // What a server says once, at the first of its kind, is not what a flood costs.
  await belfry.ask('/sign-in');
  const before = await read(belfry);
  const sent = range(times).flatMap(() => attempts);
  const statuses = new Map<Attempt, number>();
  await inParallel(sent, AT_ONCE, async (attempt) => {
    statuses.set(attempt, await send(belfry.port, attempt));
  });
  // Those that broke off are noticed a moment later.
  const isCounted = async () => {
    const { refusals } = await read(belfry);
    return [...expectedCounts(attempts, times)].every(([code, count]) => (refusals.get(code) ?? 0) >= count);
  };
  verdict.expect(await comesTrue(isCounted, 10_000), 'Some refusals are not counted.');

  const { failures, refusals, log } = await read(belfry);
  for (const [code, count] of expectedCounts(attempts, times)) {
    const counted = refusals.get(code) ?? 0;
    verdict.expect(counted >= count, `${code} was counted ${counted} times instead of ${count}.`);
  }
  const failed = [...failures].filter(([, count]) => count > 0);
  verdict.expect(failed.length === 0, `Counted as failures: ${JSON.stringify(failed)}.`);
  const written = log.slice(before.log.length);
  const bytes = Buffer.byteLength(written);
  const perRequest = bytes / sent.length;
  verdict.expect(
    perRequest < BYTES_PER_REQUEST,
    `A request costs ${perRequest.toFixed(1)} bytes of log, such as ${written.slice(0, 300)}`,
  );
  const longest = Math.max(0, ...written.split('\n').map((line) => Buffer.byteLength(line)));
  verdict.expect(longest < 300, `A line has ${longest} bytes.`);
  const { status } = await belfry.ask('/api/health');
  verdict.expect(status === 200, `Afterwards the health check was answered with ${status}.`);
  const answered = [...statuses]
    .filter(([{ nextFails }, code]) => code >= 500 && !nextFails)
    .map(([{ what }]) => what);
  verdict.expect(answered.length === 0, `Answered with 5xx: ${answered.join(', ')}.`);
  return verdict.finding(
    `${sent.length} requests of ${attempts.length} kinds: ${(perRequest * 1_000).toFixed(0)} bytes of log per thousand, ${failed.length} failures`,
  );
}

/** How often each code has to be counted at least. */
function expectedCounts(attempts: readonly Attempt[], times: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { counted } of attempts) {
    if (counted) counts.set(counted, (counts.get(counted) ?? 0) + times);
  }
  return counts;
}

const BROKEN_ARGUMENTS = ['[', 'x', 'null', '{}', '[1]', '["$F1"]', '["$B1"]', '["$nabc"]', '["$1:a"]'];

/** The id of an action that every signed-in person may call. It stands in the scripts of the page. */
function knownAction(): string {
  const { node } = JSON.parse(readFileSync(MANIFEST, 'utf8')) as {
    node: Record<string, { exportedName: string }>;
  };
  const [id = ''] = Object.entries(node).find(([, { exportedName }]) => exportedName === 'buildReport') ?? [];
  return id;
}

/** Every way in which somebody who may not, or cannot be right, gets as far as a line of the log. */
function attemptsOn(belfry: Belfry, cookie: string): Attempt[] {
  const host = `Host: 127.0.0.1:${belfry.port}`;
  const own = `Origin: ${belfry.url}`;
  const foreign = 'Origin: https://evil.example';
  const signedIn = `Cookie: ${cookie}`;
  const isJson = 'Content-Type: application/json';
  const isForm = 'Content-Type: application/x-www-form-urlencoded';
  const isText = 'Content-Type: text/plain;charset=UTF-8';
  const action = `Next-Action: ${UNKNOWN_ACTION}`;

  const get = (path: string, ...headers: string[]) => write('GET', path, [host, ...headers]);
  const post = (path: string, body: string, ...headers: string[]) =>
    write('POST', path, [host, `Content-Length: ${Buffer.byteLength(body)}`, ...headers], body);
  /** A form that was sent before its page had loaded its scripts. */
  const form = (fields: Record<string, string>, ...headers: string[]) => {
    const parts = Object.entries(fields).map(
      ([name, value]) => `--XX\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    );
    return post(
      '/',
      `${parts.join('')}--XX--\r\n`,
      'Content-Type: multipart/form-data; boundary=XX',
      ...headers,
    );
  };
  const actionForm = { [`$ACTION_ID_${UNKNOWN_ACTION}`]: '' };
  const bound = { $ACTION_REF_1: '', '$ACTION_1:0': '{"id":"zz","bound":"$@1"}', '$ACTION_1:1': '["$F5"]' };

  return [
    // Other sites.
    { what: 'a form from another site', text: form(actionForm, foreign) },
    { what: 'a form of no origin', text: form(actionForm, 'Origin: null') },
    { what: 'a form with an origin that is none', text: form(actionForm, 'Origin: ::::') },
    { what: 'an action from another site', text: post('/', '[]', action, isText, foreign) },
    {
      what: 'a change from another site',
      text: post('/notifications/dismiss', '{"ids":[1]}', signedIn, foreign, isJson),
      counted: 'wrong_origin',
    },
    // Actions that are none.
    { what: 'an unknown action', text: post('/', '[]', action, isText, own) },
    { what: 'a short id of an action', text: post('/', '[]', 'Next-Action: x', isText, own) },
    {
      what: 'a long id of an action',
      text: post('/', '[]', `Next-Action: ${'x'.repeat(4_000)}`, isText, own),
    },
    { what: 'a form of an unknown action', text: form(actionForm, own) },
    { what: 'a form without an origin', text: form(actionForm) },
    { what: 'a form with broken arguments', text: form(bound, own) },
    { what: 'a form with broken JSON', text: form({ ...bound, '$ACTION_1:0': '{' }, own) },
    {
      what: 'a form of too many bytes',
      text: form({ ...actionForm, more: 'x'.repeat(200_000) }, own),
    },
    { what: 'a form without a boundary', text: post('/', 'x', 'Content-Type: multipart/form-data', own) },
    {
      what: 'a form cut short',
      text: post('/', '--XX\r\nContent-Dispo', 'Content-Type: multipart/form-data; boundary=XX', own),
    },
    { what: 'a form of another kind', text: post('/', 'a=b', isForm, own) },
    // Actions that are there, with arguments that no page sends.
    ...BROKEN_ARGUMENTS.flatMap((broken): Attempt[] => [
      {
        what: `${broken} for an action`,
        text: post('/', broken, `Next-Action: ${knownAction()}`, isText, own, signedIn),
        nextFails: true,
      },
      {
        what: `${broken} in a form of an action`,
        text: form(
          {
            $ACTION_REF_1: '',
            '$ACTION_1:0': `{"id":"${knownAction()}","bound":"$@1"}`,
            '$ACTION_1:1': broken,
          },
          own,
          signedIn,
        ),
        nextFails: true,
      },
    ]),
    // Routes.
    { what: 'a poll by nobody', text: get('/notifications/poll'), counted: 'not_signed_in' },
    { what: 'a stream for nobody', text: get('/sse/SystemNotification'), counted: 'not_signed_in' },
    { what: 'an unknown type of event', text: get('/sse/Nope', signedIn), counted: 'unknown_event_type' },
    {
      what: 'a method that is not there',
      text: post('/notifications/poll', '', own),
      counted: 'method_not_allowed',
    },
    { what: 'an odd method', text: write('PROPFIND', '/notifications/poll', [host]) },
    {
      what: 'no JSON',
      text: post('/notifications/dismiss', '{', signedIn, own, isJson),
      counted: 'bad_json',
    },
    {
      what: 'other fields',
      text: post('/notifications/dismiss', '{"ids":"all"}', signedIn, own, isJson),
      counted: 'invalid_input',
    },
    {
      what: 'too many bytes',
      text: post('/notifications/dismiss', 'x'.repeat(200_000), signedIn, own, isJson),
      counted: 'body_too_large',
    },
    {
      what: 'another type of body',
      text: post('/notifications/dismiss', 'x', signedIn, own, isText),
      counted: 'unsupported_media_type',
    },
    { what: 'a bad query', text: get('/notifications/poll?limit=x', signedIn), counted: 'invalid_input' },
    {
      what: 'a send by an ordinary user',
      text: post('/notifications/send', '{}', signedIn, own, isJson),
      counted: 'not_allowed',
    },
    {
      what: 'an unknown token',
      text: get('/api/metrics', `Authorization: Bearer bf_${'x'.repeat(43)}`),
      counted: 'not_signed_in',
    },
    { what: 'a page for admins', text: get('/admin', signedIn) },
    // Sign-in.
    { what: 'a forged CSRF token', text: post('/api/auth/callback/credentials', 'csrfToken=x', own, isForm) },
    { what: 'a sign-in by link', text: get('/api/auth/callback/credentials') },
    { what: 'a sign-in without a body', text: post('/api/auth/callback/credentials', '', own) },
    {
      what: 'a sign-in of broken JSON',
      text: post('/api/auth/callback/credentials', '{', own, isJson),
      counted: 'bad_json',
    },
    { what: 'an unknown action of next-auth', text: get('/api/auth/nope') },
    { what: 'an unknown provider', text: get('/api/auth/callback/nope?code=1') },
    {
      what: 'a callback that is no address',
      text: get('/api/auth/signin?callbackUrl=javascript:alert(1)'),
      counted: 'bad_request',
    },
    {
      what: 'a callback in a cookie that is no address',
      text: get('/api/auth/session', 'Cookie: next-auth.callback-url=x'),
    },
    {
      what: 'a session that is none',
      text: get('/api/auth/session', 'Cookie: next-auth.session-token=a.b.c.d.e'),
    },
    {
      what: 'an error report of a client',
      text: post('/api/auth/_log', '{"code":"CLIENT_FETCH_ERROR"}', own, isJson),
    },
    { what: 'an error in other letters', text: get('/api/auth/error?error=%E4%BD%A0') },
    // Addresses and headers.
    { what: 'a page that is not there', text: get('/nope') },
    { what: 'a file that is not there', text: get('/_next/static/chunks/nope.js') },
    { what: 'an image that is none', text: get('/_next/image?url=/x&w=640&q=75') },
    { what: 'half a character in an address', text: get('/%E0%A4%A') },
    { what: 'half a character in a stream', text: get('/sse/%E0%A4%A', signedIn) },
    { what: 'an address of another host', text: get('http://[::') },
    { what: 'a star for an address', text: write('OPTIONS', '*', [host]) },
    { what: 'a host that is none', text: write('GET', '/sign-in', ['Host: a b']) },
    { what: 'a forwarded host that is none', text: get('/api/auth/session', 'X-Forwarded-Host: a b') },
    { what: 'a cookie that is none', text: get('/', 'Cookie: next-auth.session-token=%E0%A4%A; =;;') },
    { what: 'headers without end', text: get('/', `X-Big: ${'x'.repeat(20_000)}`) },
    { what: 'a router state that is none', text: get('/', 'RSC: 1', 'Next-Router-State-Tree: x') },
    { what: 'an event id that is none', text: get('/sse/Nope', signedIn, 'Last-Event-ID: x') },
    { what: 'no HTTP', text: 'HELLO\r\n\r\n' },
    // Those who leave before they have said all.
    ...[
      ['/notifications/dismiss', isJson, signedIn],
      ['/api/auth/callback/credentials', isJson],
    ].map(([path = '', ...headers]) => ({
      what: `half a body for ${path}`,
      text: write('POST', path, [host, own, 'Content-Length: 5000', ...headers], '{"ids"'),
      counted: 'request_aborted',
      leaves: true,
    })),
    {
      what: 'half a form',
      text: write(
        'POST',
        '/',
        [host, own, 'Content-Length: 5000', 'Content-Type: multipart/form-data; boundary=XX'],
        `--XX\r\nContent-Disposition: form-data; name="$ACTION_ID_${UNKNOWN_ACTION}"\r\n\r\n`,
      ),
      leaves: true,
    },
  ];
}

function write(method: string, path: string, headers: readonly string[], body = ''): string {
  return `${[`${method} ${path} HTTP/1.1`, ...headers, 'Connection: close'].join('\r\n')}\r\n\r\n${body}`;
}

/** Sends it on a connection of its own. Resolves to the status, or to 0 where there was none. */
async function send(port: number, { text, leaves }: Attempt): Promise<number> {
  const socket = await openSocket(port);
  let answer = '';
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(limit);
      socket.destroy();
      resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0));
    };
    const limit = setTimeout(end, ANSWER_LIMIT_MS);
    socket.on('data', (part) => {
      answer += part.toString('latin1');
    });
    socket.once('close', end);
    // The server has to have begun to read it before the client is gone.
    socket.write(text, 'latin1', () => {
      if (leaves) setTimeout(end, 50);
    });
  });
}

async function read(belfry: Belfry) {
  const admin = { Cookie: await belfry.cookieOf(ADMIN) };
  const { text } = await belfry.ask('/api/metrics', { headers: admin });
  const countsOf = (name: string) =>
    new Map(
      [...text.matchAll(new RegExp(`^${name}\\{code="([^"]*)"\\} (\\d+)$`, 'gm'))].map(
        ([, code = '', count]) => [code, Number(count)] as const,
      ),
    );
  return {
    failures: countsOf('belfry_failures_total'),
    refusals: countsOf('belfry_refusals_total'),
    log: belfry.server.log(),
  };
}
