/** Requests that another site's page makes with a visitor's cookies, and what strangers post to pages. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { fileURLToPath } from 'node:url';
import { openDatabase } from '../../lib/database/db.ts';
import { type Answer, toApp } from '../faults/belfry.ts';
import { type Circumstances, type Fault, type Finding, Verdict } from '../faults/fault.ts';
import { range } from '../faults/waiting.ts';
import { createToken } from '../support/http-sender.ts';
import { signIn, startServer, type TestServer } from '../support/server.ts';

const PUBLIC = 'https://belfry.example';
const ACTIONS = fileURLToPath(new URL('../../.next/server/server-reference-manifest.json', import.meta.url));

const FOREIGN: Record<string, Record<string, string>> = {
  'no origin': {},
  'no origin at all': { Origin: 'null' },
  'the same host over http': { Origin: 'http://belfry.example' },
  'another port': { Origin: 'https://belfry.example:8443' },
  'a host below': { Origin: 'https://evil.belfry.example' },
  'a host that ends the same': { Origin: 'https://notbelfry.example' },
  'a host that begins the same': { Origin: 'https://belfry.example.evil.test' },
  'the name of a person': { Origin: 'https://belfry.example@evil.test' },
  'the name of another person': { Origin: 'https://evil.test@belfry.example' },
  'a dot at the end': { Origin: 'https://belfry.example.' },
  'a name that looks alike': { Origin: 'https://xn--blfry-0ra.example' },
  'a forged host': { Origin: 'http://evil.test', 'X-Forwarded-Host': 'evil.test', Host: 'evil.test' },
  loopback: { Origin: 'LOOPBACK' },
  "the browser's own word": { Origin: PUBLIC, 'Sec-Fetch-Site': 'cross-site' },
  'the word of a site nearby': { Origin: PUBLIC, 'Sec-Fetch-Site': 'same-site' },
};
const OWN = { Origin: PUBLIC, 'Sec-Fetch-Site': 'same-origin' };
const OWN_PORT = { Origin: `${PUBLIC}:443` };

const FULL_FIELDS = 15_000;
const POSTS = 20;
// A body of a megabyte has to be taken off the connection, read or not. Decoded, it cost more than a hundred times as much.
const MOST_TIMES = 12;

export const foreignOrigins: Fault = {
  name: 'foreign-origins',
  breaks: `${Object.keys(FOREIGN).length} foreign origins against everything that changes something, by fetch and by plain form with bound arguments; ${FULL_FIELDS} fields posted to a page by strangers`,
  bound: `all refused with 403, nothing changed; strangers' ${FULL_FIELDS} fields are not decoded: ${POSTS} posts cost at most ${MOST_TIMES} times what small ones cost`,
  runs: 'alone',
  limitSeconds: { short: 60, full: 60 },
  dependsOnStreamPath: false,
  take: withPublicServer,
};

async function withPublicServer({ streamPath }: Circumstances): Promise<Finding> {
  const server = await startServer({
    env: { NEXTAUTH_URL: PUBLIC, BELFRY_DEMO: '1', LOG_LEVEL: 'error', STREAM_PATH: streamPath },
  });
  const agent = new Agent({ keepAlive: true });
  try {
    return await take(server, agent);
  } finally {
    agent.destroy();
    await server.remove();
  }
}

async function take(server: TestServer, agent: Agent): Promise<Finding> {
  const verdict = new Verdict();
  const { ask } = toApp({ url: server.url, databaseUrl: server.databaseUrl, agent });
  const { cookie } = await signIn(server.url, 'admin@belfry.test', undefined, PUBLIC);
  const post = (path: string, headers: Record<string, string>, body: string) =>
    ask(path, { method: 'POST', headers, body });
  const attempts = await makeAttempts(ask);

  const before = await changes(server);
  let refused = 0;
  let tried = 0;
  for (const [name, { path, headers, body }] of Object.entries(attempts)) {
    for (const [whose, foreign] of Object.entries(FOREIGN)) {
      // Signing in is proved by a token as well, and programs may do it.
      if (name === 'signing in' && whose === 'no origin') continue;
      const said = foreign.Origin === 'LOOPBACK' ? { Origin: server.url } : foreign;
      const { status } = await post(
        path,
        { ...headers, Cookie: `${cookie}; ${headers.Cookie ?? ''}`, ...said },
        body,
      );
      tried += 1;
      refused += Number(status === 403);
      verdict.expect(status === 403, `${name} with ${whose} answered ${status}.`);
    }
  }
  verdict.expect(
    JSON.stringify(await changes(server)) === JSON.stringify(before),
    'A foreign origin changed something.',
  );

  // The same requests from a page of the site work, or nothing was tried above.
  for (const [name, { path, headers, body }] of Object.entries(attempts)) {
    const all = {
      ...headers,
      Cookie: `${cookie}; ${headers.Cookie ?? ''}`,
      ...(name === 'clear' ? OWN_PORT : OWN),
    };
    const { status } = await post(path, all, body);
    // Next says 409 where the page does not have the action: it was let in.
    const isLetIn = status < 400 || status === 409;
    verdict.expect(isLetIn, `${name} from a page of the site answered ${status}.`);
  }
  const sent = (await changes(server)).events - before.events;
  verdict.expect(sent === 2, `Of 2 sends from pages of the site ${sent} were stored.`);

  const times = await floods(verdict, server, ask, cookie);
  return verdict.finding(
    `${refused} of ${tried} refused; ${POSTS} posts of ${FULL_FIELDS} fields cost ${times.map((one) => one.toFixed(1)).join(' and ')} times the CPU of small ones`,
  );
}

interface Attempt {
  path: string;
  headers: Record<string, string>;
  body: string;
}

async function makeAttempts(ask: (path: string) => Promise<Answer>): Promise<Record<string, Attempt>> {
  const json = { 'Content-Type': 'application/json' };
  const form = await noticeForm();
  const csrf = await ask('/api/auth/csrf');
  const { csrfToken } = JSON.parse(csrf.text) as { csrfToken: string };
  const csrfCookies = (csrf.headers['set-cookie'] ?? []).map((one) => one.split(';')[0]).join('; ');
  return {
    clear: { path: '/notifications/clear', headers: {}, body: '' },
    'clear by a form': { path: '/notifications/clear', headers: form.headers, body: form.body },
    dismiss: { path: '/notifications/dismiss', headers: json, body: '{"ids":[1]}' },
    send: {
      path: '/notifications/send',
      headers: json,
      body: '{"audience":"all","title":"Forged","message":"By JSON."}',
    },
    'a form with bound arguments': { path: '/admin', headers: form.headers, body: form.body },
    'the same to another page': { path: '/sign-in', headers: form.headers, body: form.body },
    'a call of an action': {
      path: '/admin',
      headers: {
        'Content-Type': 'text/plain;charset=UTF-8',
        'Next-Action': actionId('sendNotice'),
        Accept: 'text/x-component',
      },
      body: '[null,{}]',
    },
    'signing in': {
      path: '/api/auth/callback/credentials',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', Cookie: csrfCookies },
      body: new URLSearchParams({
        csrfToken,
        email: 'ada@belfry.test',
        password: 'belfry-demo',
        json: 'true',
      }).toString(),
    },
  };
}

function actionId(name: string): string {
  const { node } = JSON.parse(readFileSync(ACTIONS, 'utf8')) as {
    node: Record<string, { exportedName: string }>;
  };
  const found = Object.entries(node).find(([, { exportedName }]) => exportedName === name)?.[0];
  if (!found) throw new Error(`The build has no action ${name}.`);
  return found;
}

/** The admin form as a browser sends it without JavaScript: the action by its name, and what it is bound to. */
async function noticeForm(): Promise<{ headers: Record<string, string>; body: string }> {
  const fields = new FormData();
  fields.set('$ACTION_REF_1', '');
  fields.set('$ACTION_1:0', JSON.stringify({ id: actionId('sendNotice'), bound: '$@1' }));
  fields.set('$ACTION_1:1', '[null]');
  const notice = {
    title: 'Forged',
    message: 'By a form.',
    priority: 'NORMAL',
    expires: 'never',
    draftId: randomUUID(),
  };
  for (const [name, value] of Object.entries(notice)) fields.set(name, value);
  const encoded = new Response(fields);
  return {
    headers: { 'Content-Type': encoded.headers.get('Content-Type') ?? '' },
    body: await encoded.text(),
  };
}

/** What the requests would have changed. */
async function changes(server: TestServer) {
  const db = openDatabase(server.databaseUrl);
  try {
    return {
      events: await db.belfryEvent.count(),
      inboxes: await db.belfryInbox.findMany({ orderBy: { userId: 'asc' } }),
    };
  } finally {
    await db.$disconnect();
  }
}

/** How many times the CPU of small refused posts large ones cost: of a stranger, and of somebody with a session. */
async function floods(
  verdict: Verdict,
  server: TestServer,
  ask: (path: string, options: object) => Promise<Answer>,
  cookie: string,
): Promise<number[]> {
  const fields = new FormData();
  for (const index of range(FULL_FIELDS)) fields.set(`$ACTION_1:${index}`, '[]');
  fields.set('$ACTION_REF_1', '');
  const large = new Response(fields);
  const headers = { 'Content-Type': large.headers.get('Content-Type') ?? '', Origin: PUBLIC };
  const body = await large.text();
  const token = await createToken(server);
  const cpuSeconds = async () => {
    const { text } = await ask('/api/metrics', { headers: { Authorization: `Bearer ${token}` } });
    return Number(/^process_cpu_seconds_total (\S+)/m.exec(text)?.[1]);
  };
  const cost = async (expected: number, options: { headers: Record<string, string>; body: string }) => {
    const before = await cpuSeconds();
    for (const _ of range(POSTS)) {
      const { status } = await ask('/', { method: 'POST', ...options });
      verdict.expect(status === expected, `A post that should answer ${expected} answered ${status}.`);
    }
    return (await cpuSeconds()) - before;
  };
  const small = await cost(401, { headers: { Origin: PUBLIC, 'Content-Type': 'text/plain' }, body: '[]' });
  const stranger = await cost(413, { headers, body });
  const known = await cost(413, { headers: { ...headers, Cookie: cookie }, body });
  for (const one of [stranger, known]) {
    verdict.expectWithin(
      one <= small * MOST_TIMES,
      `${POSTS} posts of ${FULL_FIELDS} fields took ${one.toFixed(2)} s of CPU; small ones ${small.toFixed(2)} s.`,
    );
  }
  return [stranger / small, known / small];
}
