/** Requests that cannot be right, on every route. */
import { globSync } from 'node:fs';
import { dirname, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ADMIN, type Belfry, TOKEN, withBelfry } from '../faults/belfry.ts';
import { type Fault, type Finding, Verdict } from '../faults/fault.ts';
import { inParallel, range } from '../faults/waiting.ts';
import { Exchange, type RawAnswer } from './http-exchange.ts';

const APP = fileURLToPath(new URL('../../app', import.meta.url));
const CONNECTIONS = 12;
const SHOWN = 12;
// A prime: every probe meets every kind of route.
const EVERY_NTH = 7;
/** What stands for the folders in brackets; one that is not listed is walked with a word. */
const SAMPLES: Record<string, readonly string[]> = {
  '[eventType]': ['SystemNotification', 'nothing,SystemNotification'],
  '[...nextauth]': [
    'session',
    'csrf',
    'providers',
    'signin',
    'signin/credentials',
    'callback/credentials',
    'callback/nobody',
    'signout',
    'error',
    'verify-request',
    '_log',
    'nothing',
  ],
};
/** What Next serves beside the app's own routes. */
const NEXTS_OWN = [
  '/favicon.ico',
  '/nowhere',
  '/_next/static/chunks/nothing.js',
  '/_next/image?url=%2Ficon.svg&w=64&q=75',
  '/_next/data/x/index.json',
];
/** Where a refusal is for programs. */
const FOR_PROGRAMS = /^\/(api|sse|notifications)\//;

interface Probe {
  what: string;
  method?: string;
  /** Makes the request's target of the route's path. Default: the path itself. */
  target?: (path: string) => string;
  /** Whole lines, as latin1. */
  headers?: readonly string[];
  host?: readonly string[];
  body?: string;
  version?: string;
}

const named = (
  what: string,
  values: readonly string[],
  make: (value: string) => Omit<Probe, 'what'>,
): Probe[] =>
  values.map((value) => ({ what: `${what} ${JSON.stringify(value.slice(0, 40))}`, ...make(value) }));
const utf8 = (text: string) => Buffer.from(text).toString('latin1');

const PATHS = named(
  'path ending in',
  [
    '%',
    '%zz',
    '%00',
    '%ff',
    '%E0%A4%A',
    '%C0%AE%C0%AE',
    '%2e%2e%2f',
    '%5c',
    '\\',
    '//',
    '/./..',
    ';a=b',
    '.rsc',
    '.json',
    '.txt',
    '.segments/x',
    '.prefetch.rsc',
    '/[...x]',
    '/%5Bid%5D',
    '#part',
    '\x80\xff',
    '\x00',
    '\x7f',
    ' x',
    utf8('/鐘'),
    `/${'a'.repeat(2_000)}`,
    '/x'.repeat(500),
    `/${'%F0%9F%94%94'.repeat(200)}`,
    'a'.repeat(20_000),
  ],
  (end) => ({ target: (path) => `${path.split('?')[0]}${end}` }),
);
const TARGETS: Probe[] = [
  ...named(
    'before the path',
    ['/', '//', '/\\', '\\', '/%', '/./', '/../', '/_next', '/%2F', '/en', ''],
    (before) => ({
      target: (path) => `${before}${path.slice(before === '' ? 1 : 0)}`,
    }),
  ),
  ...named(
    'absolute form',
    [
      'http://other.test',
      'https://other.test',
      'http://[',
      'http://',
      'ftp://x',
      'javascript:',
      'http://a:b@c',
      'http://%',
    ],
    (origin) => ({ target: (path) => `${origin}${path}` }),
  ),
  { what: 'asterisk', target: () => '*' },
  { what: 'an asterisk for OPTIONS', target: () => '*', method: 'OPTIONS' },
];
const QUERIES = named(
  'query',
  [
    '%',
    '%zz',
    '%ff%fe',
    '%00',
    'a=%E0%A4%A',
    '=',
    '&&&',
    '?',
    'a'.repeat(8_000),
    'a[]=1&a[b]=2',
    '__proto__=1',
    '_rsc=%zz',
    '_rsc=x',
    'cursor=x',
    'cursor=-1',
    'cursor=1e400',
    'cursor=%00',
    'cursor=1&cursor=2',
    'limit=x',
    'limit=-1',
    'limit=99999999999999999999',
    'user=x',
    'user=%00',
    'since=x',
    'since=%ff',
    'q=%00',
    'view=x',
    'wait=x',
    'category=%zz',
    'callbackUrl=%',
    'callbackUrl=http://[',
    'callbackUrl=javascript:1',
    'callbackUrl=%00',
    `callbackUrl=${utf8('鐘')}`,
    'callbackUrl=/a&callbackUrl=/b',
    'error=%E6%97%A5%E6%9C%AC',
    `error=${utf8('日本')}`,
    'error=%0d%0aX: y',
    'error=%00',
    'error=__proto__',
    'error=a&error=b',
    'error=%F0%9F%94%94',
    'error=\xff',
    'provider=%E9%90%98',
    'csrf=true',
    'json=x',
    'url=%',
    'w=x&q=x',
    'nxtPeventType=x',
    '__nextLocale=x',
    '__nextDataReq=1',
    'nextInternalLocale=x',
    utf8('名=鐘'),
    '\'"<>`{}|^',
  ],
  (query) => ({ target: (path) => `${path}${path.includes('?') ? '&' : '?'}${query}` }),
);
const HOSTS = [
  ...[
    '',
    ' ',
    'a b',
    'a:99999',
    'a:x',
    '[',
    '[::1',
    ']',
    'a,b',
    'a/b',
    'a?b',
    'a#b',
    'a@b',
    'a\\b',
    '%',
    '%00',
    utf8('鐘.test'),
    '\xff',
    '.',
    '..',
    '-',
    '_',
    'a..b',
    'x'.repeat(4_000),
    '127.0.0.1:0',
    '0x7f.1',
    '999.1.1.1',
    'javascript:',
    'http://x',
    '<x>',
  ].map((host): Probe => ({ what: `Host ${JSON.stringify(host.slice(0, 20))}`, host: [host] })),
  { what: 'no Host', host: [] },
  { what: 'two Hosts', host: ['127.0.0.1', 'other.test'] },
  { what: 'no Host in HTTP/1.0', host: [], version: 'HTTP/1.0' },
];
const HEADERS = named(
  'header',
  [
    ...['', '[', 'a b', '%', 'a,b', 'a:x', '\xff', utf8('鐘'), '<x>', 'x'.repeat(4_000)].flatMap((value) => [
      `X-Forwarded-Host: ${value}`,
      `X-Forwarded-Proto: ${value}`,
      `X-Forwarded-For: ${value}`,
      `X-Forwarded-Port: ${value}`,
      `Forwarded: ${value}`,
      `Origin: ${value}`,
      `Referer: ${value}`,
      `Cookie: ${value}`,
      `Accept: ${value}`,
      `Accept-Language: ${value}`,
      `Accept-Encoding: ${value}`,
      `Authorization: ${value}`,
      `Authorization: Bearer ${value}`,
      `Authorization: Basic ${value}`,
      `Range: ${value}`,
      `If-None-Match: ${value}`,
      `If-Modified-Since: ${value}`,
      `Last-Event-ID: ${value}`,
      `X-Belfry-User: ${value}`,
      `X-Belfry-Connection: ${value}`,
      `Idempotency-Key: ${value}`,
      `traceparent: ${value}`,
      `Content-Type: ${value}`,
      `User-Agent: ${value}`,
      `RSC: ${value}`,
      `Next-Router-State-Tree: ${value}`,
      `Next-Router-Prefetch: ${value}`,
      `Next-Router-Segment-Prefetch: ${value}`,
      `Next-Url: ${value}`,
      `Next-Action: ${value}`,
      `x-nextjs-data: ${value}`,
      `x-matched-path: ${value}`,
      `x-invoke-path: ${value}`,
      `x-invoke-status: ${value}`,
      `x-invoke-query: ${value}`,
      `x-invoke-output: ${value}`,
      `x-middleware-subrequest: ${value}`,
      `x-middleware-rewrite: ${value}`,
      `x-middleware-invoke: ${value}`,
      `x-middleware-set-cookie: ${value}`,
      `x-next-resume-state-length: ${value}`,
      `next-resume: ${value}`,
      `x-prerender-revalidate: ${value}`,
      `x-now-route-matches: ${value}`,
      `x-nextjs-html-request-id: ${value}`,
      `Connection: ${value}`,
      `Sec-WebSocket-Key: ${value}`,
      `X-HTTP-Method-Override: ${value}`,
      `Content-Encoding: ${value}`,
    ]),
    'RSC: 1',
    'RSC: 1\r\nNext-Router-Prefetch: 1',
    'RSC: 1\r\nNext-Router-State-Tree: %5B%5D',
    'RSC: 1\r\nNext-Router-State-Tree: null',
    'RSC: 1\r\nNext-Router-State-Tree: %7B%22a%22%3A1%7D',
    'RSC: 1\r\nNext-Router-State-Tree: %5B%22%22%2C%7B%7D%2C%22x%22%2C%22refetch%22%5D',
    `RSC: 1\r\nNext-Router-State-Tree: ${'%5B'.repeat(2_000)}`,
    'RSC: 1\r\nNext-Router-Prefetch: 1\r\nNext-Router-Segment-Prefetch: /_tree',
    'RSC: 1\r\nNext-Router-Prefetch: 1\r\nNext-Router-Segment-Prefetch: /%',
    'RSC: 1\r\nNext-Url: %',
    'RSC: 1\r\nNext-HMR-Refresh: 1',
    'Next-Action: 00aa',
    `Next-Action: ${'0'.repeat(42)}`,
    'next-resume: 1',
    'Range: bytes=9-1',
    'Range: bytes=0-',
    'Range: bytes=-',
    'Range: bytes=0-0,2-2',
    'Expect: 100-continue',
    'Expect: x',
    'Connection: Upgrade\r\nUpgrade: websocket',
    'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x',
    'Connection: close',
    'Connection: x-belfry-user, cookie',
    'Transfer-Encoding: x',
    'TE: trailers',
    'Content-Length: -1',
    'Content-Length: x',
    'Content-Length: 0\r\nContent-Length: 1',
    'Transfer-Encoding: chunked\r\nContent-Length: 3',
    'Transfer-Encoding: gzip, chunked',
    'Transfer-Encoding: chunked, chunked',
    'Transfer-Encoding : chunked',
    ' Folded: x',
    'No colon',
    ': no name',
    'A\x00: b',
    'A: \x00',
    'A: \x7f',
    'A: b\rC: d',
    'A: b\nC: d',
    `X-Huge: ${'x'.repeat(40_000)}`,
    Array.from({ length: 500 }, (_, index) => `X-${index}: y`).join('\r\n'),
    'Max-Forwards: x',
    '__proto__: x',
    'constructor: x',
    'Purpose: prefetch',
    'Sec-Fetch-Site: x',
    'Access-Control-Request-Method: %',
    'Host : x',
  ],
  (line) => ({ headers: [line] }),
);
// Ours are named after the deployment.
const OF_THIS_DEPLOYMENT = 'belfry-deployment';
const SESSION_COOKIES = [
  ...['session-token', 'csrf-token', 'callback-url', 'known-browser'].map(
    (name) => `${OF_THIS_DEPLOYMENT}.${name}`,
  ),
  'next-auth.session-token',
  '__Secure-next-auth.session-token',
  'next-auth.csrf-token',
  'next-auth.callback-url',
];
const COOKIES = [
  ...named(
    'cookie',
    [
      '%',
      '%zz',
      '%E0%A4%A',
      'x',
      '{}',
      'a.b.c.d.e',
      '....',
      'http://[',
      ':::',
      '%00',
      '\xff\xfe',
      utf8('鐘'),
      '"',
      `"x`,
      '=',
      'x'.repeat(6_000),
      'eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAA.AAAA.AAAA',
      'eyJhbGciOiJub25lIn0.e30.',
    ],
    (value) => ({
      headers: [`Cookie: ${SESSION_COOKIES.map((name) => `${name}=${value.slice(0, 1_500)}`).join('; ')}`],
    }),
  ),
  ...named(
    'cookie',
    [
      `${SESSION_COOKIES[0]}.0=x; ${SESSION_COOKIES[0]}.1=%`,
      `${SESSION_COOKIES[0]}.99=x`,
      `${SESSION_COOKIES[0]}.x=y`,
      `${SESSION_COOKIES[0]}=${'x'.repeat(12_000)}`,
      ';;;;',
      '=;=;',
      '__proto__=x; constructor=y; toString=z',
      'a=b\x00',
      `${'a=b; '.repeat(2_000)}`,
      `${SESSION_COOKIES[0]}=a; ${SESSION_COOKIES[0]}=b`,
      '__prerender_bypass=x; __next_preview_data=y',
      'NEXT_LOCALE=%',
      '__clerk=x; $Version=1',
    ],
    (line) => ({ headers: [`Cookie: ${line}`] }),
  ),
];
const METHODS = [
  ...named(
    'method',
    [
      'HEAD',
      'OPTIONS',
      'PUT',
      'PATCH',
      'DELETE',
      'TRACE',
      'PROPFIND',
      'M-SEARCH',
      'QUERY',
      'LINK',
      'SOURCE',
      'PURGE',
      'get',
      'FOO',
      'G\x00T',
      '',
      'CONNECT',
    ],
    (method) => ({ method }),
  ),
  ...named(
    'version',
    ['HTTP/1.0', 'HTTP/0.9', 'HTTP/2.0', 'HTTP/1.9', 'HTTP/x', 'HTTP', 'http/1.1', ''],
    (version) => ({ version }),
  ),
];
const JSON_TYPE = 'Content-Type: application/json';
const FORM_TYPE = 'Content-Type: application/x-www-form-urlencoded';
const PARTS_TYPE = 'Content-Type: multipart/form-data; boundary=b';
const OWN_ORIGIN = 'Origin: http://127.0.0.1';
const BODIES: Probe[] = [
  ...[
    '',
    '{',
    '[]',
    'null',
    '"x"',
    '1e999',
    '{}',
    '\xff\xfe',
    '\xef\xbb\xbf{}',
    '['.repeat(5_000),
    '{"__proto__":{"x":1}}',
    '{"ids":"x"}',
    '{"ids":[-1,1e30,null]}',
    '{"title":1,"message":[]}',
    '{"throughId":"x"}',
    '{"notifications":{}}',
    '{"csrfToken":{},"email":[],"password":1}',
    '\x00',
  ].map((body) => ({ headers: [JSON_TYPE], body })),
  ...[
    '',
    '%',
    'a=%zz',
    '&=&',
    'csrfToken=%ff&email=%00&password=%',
    'callbackUrl=http://[',
    '$ACTION_ID_x=1',
    'a='.repeat(3_000),
  ].map((body) => ({ headers: [FORM_TYPE], body })),
  ...[
    '',
    '--b',
    '--b--',
    '--b\r\nContent-Disposition: form-data; name="$ACTION_ID_00"\r\n\r\n\r\n--b--\r\n',
    '--b\r\nContent-Disposition: form-data; name="1_$ACTION_REF_1"\r\n\r\nx\r\n--b--\r\n',
    '--b\r\nContent-Disposition: form-data; name="$ACTION_1:0"\r\n\r\n{\r\n--b--\r\n',
    '--b\r\n\r\nx\r\n--b--\r\n',
  ].flatMap((body) => [
    { headers: [PARTS_TYPE], body },
    { headers: [PARTS_TYPE, OWN_ORIGIN], body },
  ]),
  { headers: ['Content-Type: multipart/form-data'], body: 'x' },
  { headers: ['Content-Type: multipart/form-data; boundary='], body: 'x' },
  { headers: ['Content-Type: application/json; charset=utf-99'], body: '{}' },
  { headers: ['Content-Type: text/plain'], body: 'x' },
  { headers: ['Content-Type: ;'], body: 'x' },
  { headers: ['Content-Encoding: gzip', JSON_TYPE], body: 'x' },
  ...['x', `${'0'.repeat(42)}`, '00', '\xff'].flatMap((action) => [
    { headers: [`Next-Action: ${action}`, 'Content-Type: text/plain;charset=UTF-8'], body: '[' },
    { headers: [`Next-Action: ${action}`, PARTS_TYPE], body: '--b--' },
    {
      headers: [`Next-Action: ${action}`, 'Content-Type: text/plain;charset=UTF-8', OWN_ORIGIN],
      body: '["$F1"]',
    },
  ]),
].map((probe) => ({
  ...probe,
  method: 'POST',
  what: `POST ${probe.headers.join(' ')} ${JSON.stringify(probe.body.slice(0, 30))}`,
}));
const CHUNKED: Probe[] = named(
  'chunks',
  [
    'x\r\n',
    '-1\r\n',
    'ffffffffffffffffff\r\n',
    '1\r\nab\r\n',
    '1;ext=\x00\r\na\r\n0\r\n\r\n',
    '0\r\nTrailer: x\r\n\r\n',
    '0\r\n\r\n',
  ],
  (body) => ({ method: 'POST', headers: ['Transfer-Encoding: chunked', JSON_TYPE], body }),
);
const PROBES = [
  ...PATHS,
  ...TARGETS,
  ...QUERIES,
  ...HOSTS,
  ...HEADERS,
  ...COOKIES,
  ...METHODS,
  ...BODIES,
  ...CHUNKED,
];
// What a request leaves unread would be taken for the next one.
const SPOILS_ITS_CONNECTION = /^(transfer-encoding|content-length|expect|connection)/i;

export const malformedRequests: Fault = {
  name: 'malformed-requests',
  breaks: `${PROBES.length} malformed paths, queries, headers, cookies, methods and bodies, on every route of the app`,
  bound: 'each is answered, none with 5xx; a refusal says why; nothing counts as a failure',
  runs: 'beside',
  limitSeconds: { short: 120, full: 600 },
  dependsOnStreamPath: false,
  take: (circumstances) =>
    withBelfry(circumstances, (belfry) => take(belfry, circumstances.short ? EVERY_NTH : 1)),
};

async function take(belfry: Belfry, everyNth: number): Promise<Finding> {
  const verdict = new Verdict();
  const routes = [...routesOf(APP), ...NEXTS_OWN];
  const pairs = routes.flatMap((path, at) =>
    PROBES.filter((_, index) => (index + at) % everyNth === 0).map((probe) => ({ path, probe })),
  );
  const [deployment = ''] = (await belfry.cookieOf(ADMIN)).split('.', 1);
  const failuresBefore = await failures(belfry);
  const wrong: string[] = [];
  const exchanges = range(CONNECTIONS).map(() => new Exchange(belfry.port));
  await inParallel(range(CONNECTIONS), CONNECTIONS, async (worker) => {
    const exchange = exchanges[worker] as Exchange;
    for (let at = worker; at < pairs.length; at += CONNECTIONS) {
      const { path, probe } = pairs[at] as (typeof pairs)[number];
      const fault = await exchange
        .ask(bytesOf(path, probe).replaceAll(OF_THIS_DEPLOYMENT, deployment), {
          hasBody: probe.method !== 'HEAD',
        })
        .then((answer) => wrongWith(answer, path, probe), String);
      if (fault !== null) wrong.push(`${probe.what} on ${path}: ${fault}`);
      if (probe.headers?.some((line) => SPOILS_ITS_CONNECTION.test(line))) exchange.close();
    }
  });
  for (const exchange of exchanges) exchange.close();
  for (const sentence of wrong.slice(0, SHOWN)) verdict.expect(false, sentence);
  verdict.expect(wrong.length <= SHOWN, `${wrong.length - SHOWN} more were answered wrongly.`);
  const counted = (await failures(belfry)) - failuresBefore;
  verdict.expect(counted === 0, `${counted} failures were counted.`);
  verdict.expect((await belfry.ask('/api/health')).status === 200, 'The server is not well afterwards.');
  return verdict.finding(
    `${pairs.length} requests to ${routes.length} routes, ${wrong.length} answered wrongly`,
  );
}

/** A sentence, unless the answer is as it should be. */
function wrongWith(answer: RawAnswer | null, path: string, { method, target }: Probe): string | null {
  if (!answer) return 'no answer';
  const { status, contentType, body } = answer;
  if (status >= 500) return `${status} ${body.slice(0, 100)}`;
  if (status < 400 || method === 'HEAD') return null;
  if (!/[a-z]{3}/.test(body)) return `${status} without a word`;
  const isForProgram = FOR_PROGRAMS.test(path) && target === undefined && status !== 431;
  return isForProgram && !contentType.startsWith('application/json') ? `${status} as ${contentType}` : null;
}

function bytesOf(path: string, probe: Probe): string {
  const { method = 'GET', target = (own) => own, host = ['127.0.0.1'], headers = [], body, version } = probe;
  const lines = [
    [method, target(path), version ?? 'HTTP/1.1'].join(' '),
    ...host.map((value) => `Host: ${value}`),
    ...headers,
    ...(body === undefined || headers.some((line) => /^transfer-encoding/i.test(line))
      ? []
      : [`Content-Length: ${body.length}`]),
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body ?? ''}`;
}

/** Every path of the app, from its folders: a new route is walked too. */
function routesOf(app: string): string[] {
  const folders = globSync('**/{page.tsx,route.ts}', { cwd: app }).map((file) => dirname(file).split(sep));
  return folders.toSorted().flatMap((folder) =>
    folder
      .filter((part) => part !== '.' && !/^[(@]/.test(part))
      .reduce<string[]>(
        (paths, part) => paths.flatMap((path) => samplesOf(part).map((sample) => `${path}/${sample}`)),
        [''],
      )
      .map((path) => path || '/'),
  );
}

function samplesOf(folder: string): readonly string[] {
  return SAMPLES[folder] ?? [folder.startsWith('[') ? 'x' : folder];
}

async function failures(belfry: Belfry): Promise<number> {
  const { text } = await belfry.ask('/api/metrics', { headers: { Authorization: `Bearer ${TOKEN}` } });
  const counts = text.matchAll(/^belfry_failures_total\{.*\} (\d+)$/gm);
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
}
