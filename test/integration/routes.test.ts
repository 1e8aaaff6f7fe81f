// @module-tag once
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type ChangeAnswer,
  changeAnswerSchema,
  changesSchema,
  type InboxPage,
  pageSchema,
} from '../../lib/belfry/protocol/item.ts';
import { openDatabase } from '../../lib/database/db.ts';
import { until } from '../support/engine.ts';
import { createToken, sendNotification, sendWith } from '../support/http-sender.ts';
import { openHttpStream } from '../support/http-stream.ts';
import type { SignedIn, TestServer } from '../support/server.ts';
import { startTestServer } from '../support/test-server.ts';

const SENDS_PER_MINUTE = 40;

interface ErrorBody {
  error: { code: string; message: string; fieldErrors?: Record<string, string[]> };
}

let server: TestServer;
let admin: SignedIn;
let ada: SignedIn;
let ben: SignedIn;
let adaId: number;
let benId: number;

beforeAll(async () => {
  server = await startTestServer({
    env: {
      SEND_LIMIT_PER_MINUTE: String(SENDS_PER_MINUTE),
      LOG_LEVEL: 'warn',
    },
  });
  admin = await server.signIn('admin@belfry.test');
  ada = await server.signIn('ada@belfry.test');
  ben = await server.signIn('ben@belfry.test');
  adaId = await idOf('ada@belfry.test');
  benId = await idOf('ben@belfry.test');
}, 60_000);
afterAll(() => server?.remove());

async function idOf(email: string): Promise<number> {
  const db = openDatabase(server.databaseUrl);
  try {
    return (await db.user.findUniqueOrThrow({ where: { email } })).id;
  } finally {
    await db.$disconnect();
  }
}

function send(overrides: Record<string, unknown> = {}): Promise<number> {
  return sendNotification(server, overrides);
}

async function poll(user: SignedIn, query = ''): Promise<InboxPage> {
  const response = await user.fetch(`/notifications/poll${query}`);
  expect(response.status).toBe(200);
  return (await response.json()) as InboxPage;
}

async function change(user: SignedIn, name: string, body: unknown): Promise<ChangeAnswer> {
  const response = await user.post(`/notifications/${name}`, body);
  expect(response.status).toBe(200);
  return changeAnswerSchema.strict().parse(await response.json());
}

async function streamCount(): Promise<number> {
  return ((await (await fetch(`${server.url}/api/health`)).json()) as { streams: number }).streams;
}

/** Every refusal is JSON that no cache keeps, with a code, and a sentence that ends like one. */
async function refusal(response: Response, status: number, code: string): Promise<ErrorBody['error']> {
  expect(response.headers.get('content-type')).toContain('application/json');
  expect(response.headers.get('cache-control')).toContain('no-store');
  const { error } = (await response.json()) as ErrorBody;
  expect({ status: response.status, code: error.code }).toEqual({ status, code });
  expect(error.message).toMatch(/^[A-Za-z].*\.$/s);
  expect(Object.keys(error).every((key) => ['code', 'message', 'fieldErrors', 'answer'].includes(key))).toBe(
    true,
  );
  return error;
}

const JSON_HEADERS = { 'Content-Type': 'application/json' };

describe('who may ask', () => {
  test.each([
    ['GET', '/sse/SystemNotification'],
    ['GET', '/notifications/poll'],
    ['POST', '/notifications/dismiss'],
    ['GET', '/notifications/changes?since=x.1.1'],
    ['POST', '/notifications/clear'],
    ['POST', '/notifications/read'],
    ['POST', '/notifications/unread'],
    ['POST', '/notifications/restore'],
    ['POST', '/notifications/snooze'],
    ['POST', '/notifications/seen'],
    ['POST', '/notifications/undo'],
    ['POST', '/notifications/act'],
    ['GET', '/notifications/settings'],
    ['POST', '/notifications/settings'],
    ['POST', '/notifications/follow'],
    ['POST', '/notifications/unfollow'],
    ['POST', '/notifications/send'],
  ])('%s %s answers 401 in JSON, and never a redirect, when nobody is signed in', async (method, path) => {
    const name = ada.cookie.match(/[^ ;]*session-token/)?.[0];
    for (const cookie of ['', `${name}=forged`, `${name}=eyJhbGciOiJkaXIifQ..a.b.c`]) {
      const response = await fetch(`${server.url}${path}`, {
        method,
        redirect: 'manual',
        headers: { ...JSON_HEADERS, Origin: server.url, Cookie: cookie },
        ...(method === 'POST' ? { body: '{}' } : {}),
      });
      await refusal(response, 401, 'not_signed_in');
    }
  });

  test('HEAD of a stream answers as GET would, without opening one', async () => {
    const before = await streamCount();
    for (let n = 0; n < 20; n += 1) {
      const response = await ada.fetch('/sse/SystemNotification', { method: 'HEAD' });
      expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    }
    expect((await fetch(`${server.url}/sse/SystemNotification`, { method: 'HEAD' })).status).toBe(401);
    expect((await ada.fetch('/sse/Nothing', { method: 'HEAD' })).status).toBe(404);
    expect(await streamCount()).toBe(before);
  });

  test('only an admin sends: anybody else gets 403', async () => {
    const response = await ada.post('/notifications/send', { title: 'x', message: 'x', audience: 'all' });
    await refusal(response, 403, 'not_allowed');
  });

  test.each(['bf_', `bf_${'A'.repeat(43)}`, 'x', ''])('an unknown token does not send: %j', async (token) => {
    await refusal(
      await sendWith(server, token, { title: 'x', message: 'x', audience: 'all' }),
      401,
      'not_signed_in',
    );
  });

  test('a token that was revoked does not send, even beside the session of an admin', async () => {
    const body = { title: 'x', message: 'x', audience: 'all' };
    const headers = { Cookie: admin.cookie, Origin: server.url };
    await refusal(
      await sendWith(server, await createToken(server, { revoked: true }), body, headers),
      401,
      'not_signed_in',
    );
  });

  test.each([
    ['GET', '/notifications/poll'],
    ['GET', '/sse/SystemNotification'],
    ['HEAD', '/sse/SystemNotification'],
    ['POST', '/notifications/dismiss'],
    ['POST', '/notifications/clear'],
  ])(
    '%s %s refuses a page that was opened by somebody else than who is signed in now',
    async (method, path) => {
      const init = { method, ...(method === 'POST' ? { body: '{"ids":[1]}' } : {}) };
      for (const other of [String(adaId + 1), 'ada', '', '1e99']) {
        const headers = { ...JSON_HEADERS, 'X-Belfry-User': other };
        for (const response of [
          await ada.fetch(path, { ...init, headers }),
          await ada.fetch(`${path}?user=${other}`, { ...init, headers: JSON_HEADERS }),
        ])
          expect(response.status).toBe(401);
      }
      expect((await poll(ada, `?user=${adaId}`)).unreadTotal).toBe((await poll(ada)).unreadTotal);
    },
  );

  test('metrics are for admins and programs with a token', async () => {
    const path = '/api/metrics';
    await refusal(await fetch(`${server.url}${path}`), 401, 'not_signed_in');
    await refusal(await ada.fetch(path), 403, 'not_allowed');
    const program = { headers: { Authorization: `Bearer ${await createToken(server)}` } };
    for (const response of [await admin.fetch(path), await fetch(`${server.url}${path}`, program)]) {
      expect([response.status, response.headers.get('content-type')]).toEqual([
        200,
        expect.stringMatching(/^text\/plain/),
      ]);
      expect(await response.text()).toMatch(/^# TYPE belfry_/m);
    }
  });

  test('a token opens no inbox and no stream', async () => {
    const headers = {
      Authorization: `Bearer ${await createToken(server)}`,
      Origin: server.url,
      ...JSON_HEADERS,
    };
    for (const path of ['/notifications/poll', '/sse/SystemNotification'])
      await refusal(await fetch(`${server.url}${path}`, { headers }), 401, 'not_signed_in');
    const dismissing = await fetch(`${server.url}/notifications/clear`, { method: 'POST', headers });
    await refusal(dismissing, 401, 'not_signed_in');
  });

  const FOREIGN: [string, Record<string, string>][] = [
    ['no Origin', {}],
    ['another site', { Origin: 'https://evil.example' }],
    ['the origin null', { Origin: 'null' }],
    ['another port', { Origin: 'http://127.0.0.1:1' }],
    ['a name that only begins alike', { Origin: 'http://127.0.0.1.evil.example' }],
    ['a forged X-Forwarded-Host', { Origin: 'https://evil.example', 'X-Forwarded-Host': 'evil.example' }],
  ];
  test.each(FOREIGN)('a change with %s is refused, and nothing is changed', async (_, headers) => {
    const id = await send();
    for (const [path, body] of [
      ['/notifications/dismiss', { ids: [id] }],
      ['/notifications/clear', {}],
    ] as const) {
      const response = await fetch(`${server.url}${path}`, {
        method: 'POST',
        headers: { ...JSON_HEADERS, Cookie: ada.cookie, ...headers },
        body: JSON.stringify(body),
      });
      await refusal(response, 403, 'wrong_origin');
    }
    const sent = await fetch(`${server.url}/notifications/send`, {
      method: 'POST',
      headers: { ...JSON_HEADERS, Cookie: admin.cookie, ...headers },
      body: JSON.stringify({ title: 'forged', message: 'x', audience: 'all' }),
    });
    await refusal(sent, 403, 'wrong_origin');
    expect((await poll(ada)).notifications[0]?.id).toBe(id);
  });
});

describe('how one may ask', () => {
  test.each([
    ['/sse/SystemNotification', 'POST', 'GET, HEAD, OPTIONS'],
    ['/notifications/poll', 'POST', 'GET, HEAD, OPTIONS'],
    ['/notifications/poll', 'DELETE', 'GET, HEAD, OPTIONS'],
    ['/notifications/dismiss', 'GET', 'POST, OPTIONS'],
    ['/notifications/clear', 'PUT', 'POST, OPTIONS'],
    ['/notifications/send', 'PATCH', 'POST, OPTIONS'],
    ['/api/health', 'POST', 'GET, HEAD, OPTIONS'],
  ])('%s refuses %s with 405, and says what is possible: %s', async (path, method, allow) => {
    const response = await ada.fetch(path, { method });
    expect(response.headers.get('allow')).toBe(allow);
    await refusal(response, 405, 'method_not_allowed');
  });

  test.each([
    '/sse/Nothing',
    '/sse/SystemNotification,Nothing',
    '/sse/,',
    '/sse/__proto__',
    '/sse/%25',
    '/sse/%2525',
  ])('%s is no stream: 404', async (path) => {
    const error = await refusal(await ada.fetch(path), 404, 'unknown_event_type');
    expect(error.message).toContain('SystemNotification');
  });

  test.each([
    ['text/plain', 'text/plain'],
    ['a form', 'application/x-www-form-urlencoded'],
    ['JSON in disguise', 'text/plain; application/json'],
  ])('%s is refused with 415', async (_, type) => {
    const headers = { 'Content-Type': type };
    const response = await ada.fetch('/notifications/dismiss', {
      method: 'POST',
      headers,
      body: '{"ids":[1]}',
    });
    await refusal(response, 415, 'unsupported_media_type');
  });

  test('JSON with a charset is JSON', async () => {
    const headers = { 'Content-Type': 'Application/JSON; charset=utf-8' };
    const response = await ada.fetch('/notifications/dismiss', {
      method: 'POST',
      headers,
      body: '{"ids":[999999]}',
    });
    expect(response.status).toBe(200);
  });

  test.each(['', '{', 'undefined', '{"ids":[1],}', '\0'])(
    'a body that is not JSON answers 400: %j',
    async (body) => {
      const response = await ada.fetch('/notifications/dismiss', {
        method: 'POST',
        headers: JSON_HEADERS,
        body,
      });
      await refusal(response, 400, 'bad_json');
    },
  );

  test.each([
    ['Windows-1252', Buffer.from('{"ids":[1],"name":"café"}', 'latin1')],
    ['UTF-16', Buffer.from('\ufeff{"ids":[1]}', 'utf16le')],
    ['half a character at the end', Buffer.from('{"ids":[1]}é').subarray(0, -1)],
    ['a surrogate as if it were a character', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
  ])('a body in %s answers 400', async (_, body) => {
    const response = await ada.fetch('/notifications/dismiss', {
      method: 'POST',
      headers: JSON_HEADERS,
      body,
    });
    await refusal(response, 400, 'bad_encoding');
  });

  test.each(['{"ids":[1],"name":"\\ud83d"}', '{"ids":[1],"\\uDE00":1}', '[["\\ud800"]]'])(
    'JSON that names half a character answers 400: %s',
    async (body) => {
      const response = await ada.fetch('/notifications/dismiss', {
        method: 'POST',
        headers: JSON_HEADERS,
        body,
      });
      await refusal(response, 400, 'bad_json');
    },
  );

  test.each(['windows-1252', 'utf-16', 'iso-8859-1', '""'])('the charset %s answers 415', async (charset) => {
    const headers = { 'Content-Type': `application/json; charset=${charset}` };
    const response = await ada.fetch('/notifications/dismiss', {
      method: 'POST',
      headers,
      body: '{"ids":[1]}',
    });
    await refusal(response, 415, 'unsupported_media_type');
  });

  test.each(['utf-8', 'UTF-8', '"utf-8"', 'us-ascii'])(
    'the charset %s is UTF-8, with a byte order mark or without',
    async (charset) => {
      const headers = { 'Content-Type': `application/json; charset=${charset}` };
      for (const body of ['{"ids":[999999]}', '\ufeff{"ids":[999999]}', '{"ids":[999999]} '])
        expect((await ada.fetch('/notifications/dismiss', { method: 'POST', headers, body })).status).toBe(
          200,
        );
    },
  );

  test('a sign-in form that is no UTF-8 answers 400, and 415 when it says so', async () => {
    const signIn = (body: string | Uint8Array<ArrayBuffer>, charset = '') =>
      fetch(`${server.url}/api/auth/callback/credentials`, {
        method: 'POST',
        redirect: 'manual',
        headers: { 'Content-Type': `application/x-www-form-urlencoded${charset}` },
        body: Buffer.from(body),
      });
    await refusal(await signIn('email=a&password=caf%E9'), 400, 'bad_encoding');
    await refusal(await signIn(Buffer.from('email=a&password=café', 'latin1')), 400, 'bad_encoding');
    await refusal(await signIn('email=a', '; charset=windows-1252'), 415, 'unsupported_media_type');
    expect((await signIn('email=a&password=caf%C3%A9+100%25')).status).toBe(302);
  });

  test.each(['?q=caf%E9', '?q=%ED%A0%80', '?caf%C3=1'])(
    'an address that is no UTF-8 answers 400, and one with a lone %% does not: %s',
    async (query) => {
      await refusal(await ada.fetch(`/notifications/poll${query}`), 400, 'bad_request');
      expect((await ada.fetch(`/sign-in${query}`)).status).toBe(400);
      expect((await ada.fetch('/notifications/poll?q=100%&r=caf%C3%A9')).status).toBe(200);
    },
  );

  test.each(['/api/nothing', '/notifications/nothing', '/sse/a/b'])(
    '%s is nothing, in JSON, whatever is sent there',
    async (path) => {
      await refusal(await ada.fetch(path), 404, 'not_found');
      const form = new FormData();
      form.set('$ACTION_ID_0123456789', '');
      await refusal(await ada.fetch(path, { method: 'POST', body: form }), 404, 'not_found');
    },
  );

  test('a body that is too large answers 413, whether it says so or not', async () => {
    const body = JSON.stringify({ ids: [1], padding: 'x'.repeat(140_000) });
    const announced = await ada.fetch('/notifications/dismiss', {
      method: 'POST',
      headers: JSON_HEADERS,
      body,
    });
    await refusal(announced, 413, 'body_too_large');
    const unannounced = await ada.fetch('/notifications/dismiss', {
      method: 'POST',
      headers: JSON_HEADERS,
      body: new Blob([body]).stream(),
      duplex: 'half',
    } as RequestInit);
    await refusal(unannounced, 413, 'body_too_large');
  });

  test('the longest message in the widest alphabet fits', async () => {
    const body = JSON.stringify({
      audience: 'all',
      title: '𝕿'.repeat(100),
      message: '\u{1F514}'.repeat(5_000),
    });
    // As a program writes it that sends nothing but ASCII.
    const escaped = body.replace(/[\ud800-\udfff]/g, (half) => `\\u${half.charCodeAt(0).toString(16)}`);
    const response = await sendWith(server, await createToken(server), escaped);
    expect(response.status).toBe(201);
    const { id } = (await response.json()) as { id: number };
    expect((await poll(ada)).notifications[0]).toMatchObject({
      id,
      payload: { message: '\u{1F514}'.repeat(5_000) },
    });
  });

  test.each([
    [{}, ['ids']],
    [[], ['body']],
    [null, ['body']],
    ['text', ['body']],
    [{ ids: [] }, ['ids']],
    [{ ids: [0] }, ['ids.0']],
    [{ ids: [1, -1, 1.5, '2', null] }, ['ids.1', 'ids.2', 'ids.3', 'ids.4']],
    [{ ids: [2 ** 60] }, ['ids.0']],
    [{ ids: Array.from({ length: 1_001 }, (_, n) => n + 1) }, ['ids']],
    [{ ids: [1], userId: 2 }, ['body']],
    [{ group: '' }, ['group', 'throughId']],
    [{ group: 7, throughId: -1 }, ['group', 'throughId']],
    [{ group: 'x'.repeat(301), throughId: 1 }, ['group']],
    [{ group: 'a\0b', throughId: 1 }, ['group']],
    [{ group: 'a', throughId: 1, ids: [1] }, ['body']],
  ])('dismissing %j is refused with 422 for its fields', async (body, fields) => {
    const error = await refusal(await ada.post('/notifications/dismiss', body), 422, 'invalid_input');
    expect(Object.keys(error.fieldErrors ?? {})).toEqual(fields);
  });

  test.each([
    'limit=0',
    'group=',
    'group=a%00b',
    'group=a&view=done',
    'limit=101',
    'limit=-1',
    'limit=x',
    'limit=1.5',
    'cursor=0',
    'cursor=-1',
    'cursor=x',
    'cursor=',
    'priority=',
    'priority=HIGH,urgent',
    'view=inboxes',
    `category=${'x'.repeat(65)}`,
    `q=${'x'.repeat(201)}`,
  ])('poll with %s is refused with 422', async (query) => {
    const error = await refusal(await ada.fetch(`/notifications/poll?${query}`), 422, 'invalid_input');
    expect(Object.keys(error.fieldErrors ?? {})).toEqual([query.split('=')[0]]);
  });
});

describe('POST /notifications/send', () => {
  const sendAsProgram = async (overrides: Record<string, unknown>) =>
    sendWith(server, await createToken(server), { title: 'Title', message: 'Message', ...overrides });

  test('a program with a token sends, without a session and without an Origin; so does an admin', async () => {
    const response = await sendAsProgram({ audience: 'all' });
    expect(response.status).toBe(201);
    const { id } = (await response.json()) as { id: number };
    const byAdmin = await admin.post('/notifications/send', {
      title: 'x',
      message: 'x',
      targetUserId: adaId,
    });
    expect(byAdmin.status).toBe(201);
    expect((await poll(ada)).notifications.map((one) => one.id)).toEqual([
      ((await byAdmin.json()) as { id: number }).id,
      id,
      ...(await poll(ada)).notifications.slice(2).map((one) => one.id),
    ]);
    expect((await poll(ben)).notifications[0]?.id).toBe(id);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['nobody', {}, 'to'],
    ['both a user and everybody', { audience: 'all', targetUserId: 1 }, 'to'],
    ['a user who is none', { to: { user: 'nobody' } }, 'to.user'],
    ['several, one of whom is none', { to: { users: ['1', 'nobody'] } }, 'to.users'],
    ['nobody in a list', { to: { users: [] } }, 'to.users'],
    ['a topic without a name', { to: { topic: ' ' } }, 'to.topic'],
    ['both a user and a topic', { to: { user: '1', topic: 'x' } }, 'to'],
    ['another audience', { audience: 'admins' }, 'audience'],
    ['a user by name', { targetUserId: 'ada' }, 'targetUserId'],
    ['user 0', { targetUserId: 0 }, 'targetUserId'],
    ['a user beyond the column', { targetUserId: 2 ** 31 }, 'targetUserId'],
    ['no title', { audience: 'all', title: undefined }, 'title'],
    ['a title of spaces', { audience: 'all', title: ' ' }, 'title'],
    ['a title that is an object', { audience: 'all', title: { toString: 'x' } }, 'title'],
    ['an unknown priority', { audience: 'all', priority: 'URGENT' }, 'priority'],
    ['a lower-case priority', { audience: 'all', priority: 'high' }, 'priority'],
    ['a script for a link', { audience: 'all', link: 'javascript:alert(1)' }, 'link'],
    ['an expiry in the past', { audience: 'all', expiresAt: '2001-01-01T00:00:00Z' }, 'expiresAt'],
    ['an expiry that is no time', { audience: 'all', expiresAt: 'soon' }, 'expiresAt'],
    ['an expiry that is no text', { audience: 'all', expiresAt: true }, 'expiresAt'],
    ['two expiries', { audience: 'all', expiresAt: '2031-01-01T00:00:00Z', expiresIn: 5 }, 'expiresAt'],
    ['a time in the past', { audience: 'all', at: '2001-01-01T00:00:00Z' }, 'at'],
    ['a time without a zone', { audience: 'all', at: '2031-01-01T00:00:00' }, 'at'],
    ['a time that is no text', { audience: 'all', at: 7 }, 'at'],
    ['an expiry of no time', { audience: 'all', expiresIn: 0 }, 'expiresIn'],
    ['an empty key', { audience: 'all', idempotencyKey: '' }, 'idempotencyKey'],
    ['a key that is too long', { audience: 'all', idempotencyKey: 'x'.repeat(256) }, 'idempotencyKey'],
    ['a key with a NUL', { audience: 'all', idempotencyKey: 'a\0b' }, 'idempotencyKey'],
    ['an unknown field', { audience: 'all', html: '<b>' }, 'body'],
    ['a sender of its own choice', { audience: 'all', sentBy: 'Root' }, 'body'],
  ])('to %s is refused with 422 for its field, and nothing is stored', async (_, overrides, field) => {
    const before = (await poll(ada)).unreadTotal;
    const error = await refusal(await sendAsProgram(overrides), 422, 'invalid_input');
    expect(Object.keys(error.fieldErrors ?? {})).toEqual([field]);
    expect((await poll(ada)).unreadTotal).toBe(before);
  });

  test('a notification of any type is sent by its name', async () => {
    const payload = { title: 'By name', message: '**Bold**', link: '/inbox', linkLabel: 'The inbox' };
    const said = { type: 'SystemNotification', payload, to: { user: String(adaId) } };
    const response = await sendWith(server, await createToken(server), said);
    expect(response.status).toBe(201);
    const { id } = (await response.json()) as { id: number };
    expect((await poll(ada)).notifications[0]).toMatchObject({ ...payload, id, payload });
  });

  test.each<[string, Record<string, unknown>, number, string[]]>([
    ['that nobody has', { type: 'Nothing' }, 404, []],
    ['that only a job can end with', { type: 'ReportBuilt' }, 404, []],
    ['without a name', { type: 7 }, 422, ['type']],
    [
      'with a payload that does not fit',
      { payload: { title: '' } },
      422,
      ['payload.title', 'payload.message'],
    ],
    ['without a payload', { payload: undefined }, 422, ['payload']],
    ['to nobody', { to: undefined }, 422, ['to']],
    ['with a title beside its payload', { title: 'Title' }, 422, ['body']],
  ])('a type %s is refused, and nothing is stored', async (_, overrides, status, fields) => {
    const before = (await poll(ada)).unreadTotal;
    const payload = { title: 'Title', message: 'Message' };
    const said = { type: 'SystemNotification', payload, to: 'everyone', ...overrides };
    const response = await sendWith(server, await createToken(server), said);
    const code = status === 404 ? 'unknown_event_type' : 'invalid_input';
    const error = await refusal(response, status, code);
    expect(Object.keys(error.fieldErrors ?? {})).toEqual(fields);
    expect((await poll(ada)).unreadTotal).toBe(before);
  });

  describe('a question', () => {
    const question = {
      title: 'Deploy?',
      options: [
        { name: 'yes', label: 'Yes' },
        { name: 'no', label: 'No' },
      ],
    };
    const answerTo = (token: string, id: unknown, wait = '') =>
      fetch(`${server.url}/notifications/${id}/answer${wait}`, {
        headers: { Authorization: `Bearer ${token}` },
      });

    test('is asked by its name, waited for by whoever asked, and answered once', async () => {
      const [token, stranger] = [await createToken(server), await createToken(server)];
      const said = { type: 'Question', payload: question, to: { users: [String(adaId), benId] } };
      const sent = await sendWith(server, token, { ...said, idempotencyKey: 'deploy' });
      expect(sent.status).toBe(201);
      const { id } = (await sent.json()) as { id: number };
      const again = await sendWith(server, token, { ...said, idempotencyKey: 'deploy' });
      expect(await again.json()).toEqual({ id });
      expect((await answerTo(token, id)).status).toBe(204);
      await refusal(await answerTo(stranger, id), 404, 'not_found');
      const waiting = answerTo(token, id, '?wait=20');
      const ofAda = (await poll(ada)).notifications[0];
      const ofBen = (await poll(ben)).notifications[0];
      expect(ofAda).toMatchObject({ eventType: 'Question', title: 'Deploy?', actedWith: null });
      expect((await ada.post('/notifications/act', { id: ofAda?.id, action: 'yes' })).status).toBe(200);
      const response = await waiting;
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({
        answer: { action: 'yes', by: String(adaId), at: expect.any(String) },
      });
      const late = await ben.post('/notifications/act', { id: ofBen?.id, action: 'no' });
      const error = await refusal(late, 409, 'already_answered');
      expect(error).toMatchObject({ answer: { action: 'yes', by: String(adaId) } });
      expect((await poll(ben)).notifications[0]).toMatchObject({
        actions: [],
        actedWith: null,
        answer: { action: 'yes', label: 'Yes', by: String(adaId) },
      });
      expect((await answerTo(token, id, '?wait=20')).status).toBe(200);
    });

    test.each(['?wait=31', '?wait=-1', '?wait=soon', '?wait=NaN'])(
      'is not waited for with %s',
      async (wait) => {
        const error = await refusal(await answerTo(await createToken(server), 1, wait), 422, 'invalid_input');
        expect(Object.keys(error.fieldErrors ?? {})).toEqual(['wait']);
      },
    );

    test.each(['0', 'x', '1.5', '1e3', '9'.repeat(17)])('has no answer at %s', async (id) => {
      await refusal(await answerTo(await createToken(server), id), 404, 'not_found');
    });

    test('is waited for by a sender alone, and over GET', async () => {
      await refusal(await fetch(`${server.url}/notifications/1/answer`), 401, 'not_signed_in');
      const byAda = ada.fetch('/notifications/1/answer');
      await refusal(await byAda, 403, 'not_allowed');
      await refusal(await admin.post('/notifications/1/answer', {}), 405, 'method_not_allowed');
    });
  });

  test('with a time it is sent then, and not before', async () => {
    const before = (await poll(ada)).notifications[0]?.id;
    const at = new Date(Date.now() + 1_500).toISOString();
    const response = await sendAsProgram({ audience: 'all', title: 'Planned', at });
    expect([response.status, await response.json()]).toEqual([201, { id: null, at }]);
    expect((await poll(ada)).notifications[0]?.id).toBe(before);
    await until(async () => (await poll(ada)).notifications[0]?.title === 'Planned');
    const createdAt = (await poll(ada)).notifications[0]?.createdAt ?? '';
    expect(createdAt >= at).toBe(true);
  });

  test('one key of one sender sends once; the same key of another is another', async () => {
    const [one, two] = [await createToken(server), await createToken(server)];
    const body = { title: 'x', message: 'x', audience: 'all', idempotencyKey: 'build-7' };
    const responses = [
      ...(await Promise.all([sendWith(server, one, body), sendWith(server, one, body)])),
      await sendWith(server, two, body),
    ];
    expect(responses.map(({ status }) => status)).toEqual([201, 201, 201]);
    const ids = await Promise.all(
      responses.map(async (response) => ((await response.json()) as { id: number }).id),
    );
    expect([ids[0] === ids[1], ids[0] === ids[2]]).toEqual([true, false]);
  });

  test('whoever sends too much is told how long to wait, and nobody else is held up', async () => {
    const token = await createToken(server);
    const body = { title: 'x', message: 'x', targetUserId: adaId };
    const responses = await Promise.all(
      Array.from({ length: SENDS_PER_MINUTE + 5 }, () => sendWith(server, token, body)),
    );
    expect(responses.filter(({ status }) => status === 201)).toHaveLength(SENDS_PER_MINUTE);
    const refused = responses.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(5);
    for (const response of refused) {
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
      await refusal(response, 429, 'too_many_requests');
    }
    await send({ targetUserId: adaId, audience: undefined });
  });
});

describe('poll, dismiss and clear', () => {
  test('a global notice dismissed by one person stays for everyone else; a foreign id does nothing', async () => {
    const all = await send();
    const forAda = await send({ audience: undefined, targetUserId: adaId });
    const before = await poll(ben);
    const answer = await ben.post('/notifications/dismiss', { ids: [all, forAda, 2 ** 40] });
    expect(await answer.json()).toMatchObject({ unreadTotal: before.unreadTotal - 1 });
    expect((await poll(ada)).notifications.slice(0, 2).map(({ id }) => id)).toEqual([forAda, all]);
    expect((await poll(ben)).notifications.map(({ id }) => id)).not.toContain(all);
  });

  test('pages go down to the end, each notification once, in the shape that the stream sends', async () => {
    await ben.post('/notifications/clear');
    const ids = [await send(), await send({ priority: 'HIGH', link: '/a', expiresIn: 600 }), await send()];
    const first = await poll(ben, '?limit=2');
    const second = await poll(ben, `?limit=2&cursor=${first.nextCursor}`);
    expect([...first.notifications, ...second.notifications].map(({ id }) => id)).toEqual(ids.toReversed());
    expect([first.unreadTotal, second.unreadTotal, second.nextCursor]).toEqual([3, 3, null]);
    const stream = await openHttpStream(ben);
    await until(() => stream.ids.length === 3);
    stream.close();
    const byId = (a: { id: number | null }, b: { id: number | null }) => Number(a.id) - Number(b.id);
    expect(stream.events.toSorted(byId)).toEqual(
      [...first.notifications, ...second.notifications].toSorted(byId),
    );
    expect(Object.keys(stream.events[0] ?? {})).toEqual([
      'id',
      'eventType',
      'priority',
      'createdAt',
      'expiresAt',
      'targetUserId',
      'payload',
      'isRecovered',
      'category',
      'title',
      'message',
      'link',
      'actions',
      'groupKey',
      'seenAt',
      'readAt',
      'doneAt',
      'snoozedUntil',
      'editedAt',
      'actedWith',
      'orderId',
    ]);
    expect(pageSchema.strict().parse(first)).toEqual(first);
  });

  test('a cursor far away, and one below everything, are pages like any other', async () => {
    expect((await poll(ben, `?cursor=${2 ** 52}`)).notifications.length).toBeGreaterThan(0);
    expect(await poll(ben, '?cursor=1')).toMatchObject({ notifications: [], nextCursor: null });
  });

  test('to several by name, and to a topic, in one request', async () => {
    const before = (await poll(ben)).totals.inbox;
    await send({ audience: undefined, to: { users: [String(adaId), benId] } });
    await send({ audience: undefined, to: { topic: 'nobody follows it' } });
    expect((await poll(ben)).totals.inbox).toBe(before + 1);
  });

  test('a clear reaches what was seen; it, a dismissal and a snooze can be undone; views tell what became of each', async () => {
    await ben.post('/notifications/clear');
    const [first, second] = [await send(), await send()];
    const clear = await change(ben, 'clear', { throughId: first });
    expect(clear).toMatchObject({ unreadTotal: 1, totals: { inbox: 1 }, undo: expect.any(String) });
    expect(await change(ben, 'undo', { undo: clear.undo })).toMatchObject({ unreadTotal: 2 });
    await refusal(await ben.post('/notifications/undo', { undo: clear.undo }), 409, 'cannot_undo');
    await refusal(await ada.post('/notifications/undo', { undo: clear.undo }), 409, 'cannot_undo');
    await change(ben, 'read', { ids: [first] });
    expect((await poll(ben, '?view=unread')).notifications.map(({ id }) => id)).toEqual([second]);
    await change(ben, 'unread', { ids: [first] });
    await change(ben, 'read', { throughId: second });
    expect((await poll(ben)).totals).toMatchObject({ unread: 0, inbox: 2 });
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const snooze = await change(ben, 'snooze', { ids: [first], until });
    expect((await poll(ben, '?view=snoozed')).notifications).toMatchObject([
      { id: first, snoozedUntil: until },
    ]);
    await change(ben, 'undo', { undo: snooze.undo });
    await change(ben, 'dismiss', { ids: [first, second] });
    const [done] = (await poll(ben, '?view=done')).notifications;
    expect([done?.id, done?.doneAt]).toEqual([second, expect.any(String)]);
    await change(ben, 'restore', { ids: [second] });
    expect((await poll(ben)).notifications).toMatchObject([
      { id: second, doneAt: null, seenAt: expect.any(String) },
    ]);
  });

  test('what was on the screen is seen: by name, or up to an id', async () => {
    const ids = [await send(), await send(), await send()] as const;
    const isSeen = async () => {
      const { notifications } = await poll(ben);
      return ids.map((id) => notifications.find((item: { id: number }) => item.id === id)?.seenAt !== null);
    };
    expect(await isSeen()).toEqual([false, false, false]);
    const { state } = await change(ben, 'seen', { ids: [ids[2]] });
    expect(await isSeen()).toEqual([false, false, true]);
    expect((await change(ben, 'seen', { ids: [ids[2]] })).state).toBe(state);
    await change(ben, 'seen', { throughId: ids[0] });
    expect(await isSeen()).toEqual([true, false, true]);
  });

  test('what changed since a state is told; of another history it cannot be', async () => {
    const { state } = await poll(ben);
    const id = await send();
    const response = await ben.fetch(`/notifications/changes?since=${state}`);
    const changes = changesSchema.strict().parse(await response.json());
    expect([response.status, changes.changed.map((item) => item.id)]).toEqual([200, [id]]);
    for (const since of ['x', `other.${state.split('.').slice(1).join('.')}`]) {
      await refusal(
        await ben.fetch(`/notifications/changes?since=${since}`),
        409,
        'cannot_calculate_changes',
      );
    }
    await refusal(await ben.fetch('/notifications/changes'), 422, 'invalid_input');
  });

  test.each<[string, unknown, string]>([
    ['clear', { throughId: -1 }, 'throughId'],
    ['clear', { throughId: 'x' }, 'throughId'],
    ['read', {}, 'body'],
    ['read', { ids: [1], throughId: 1 }, 'body'],
    ['read', { group: 'a' }, 'throughId'],
    ['read', { group: 'a', throughId: 1, ids: [1] }, 'body'],
    ['snooze', { ids: [1] }, 'until'],
    ['snooze', { ids: [1], until: 'tomorrow' }, 'until'],
    ['snooze', { ids: [1], until: '2001-01-01T00:00:00Z' }, 'until'],
    ['snooze', { ids: [1], until: '2999-01-01T00:00:00Z' }, 'until'],
    ['undo', {}, 'undo'],
    ['act', { id: 1, action: 'explode' }, 'action'],
    ['seen', {}, 'body'],
    ['seen', { ids: [] }, 'ids'],
    ['seen', { ids: [1], throughId: 1 }, 'body'],
  ])('%s with %j is refused with 422 for its field, and changes nothing', async (name, body, field) => {
    const { state } = await poll(ben);
    const error = await refusal(await ben.post(`/notifications/${name}`, body), 422, 'invalid_input');
    expect(Object.keys(error.fieldErrors ?? {})).toEqual([field]);
    expect((await poll(ben)).state).toBe(state);
  });

  test('clearing leaves nothing, and touches nobody else', async () => {
    await send();
    const before = (await poll(ada)).unreadTotal;
    const answer = await ben.post('/notifications/clear');
    expect([answer.status, await answer.json()]).toEqual([200, expect.objectContaining({ unreadTotal: 0 })]);
    expect(await poll(ben)).toMatchObject({ notifications: [], unreadTotal: 0 });
    expect((await poll(ada)).unreadTotal).toBe(before);
  });
});

describe('the language of whoever asks', () => {
  const CHINESE = { 'Accept-Language': 'zh-TW,zh;q=0.9,en;q=0.8' };

  interface Refused {
    asked: string;
    body?: unknown;
    code: string;
    message: string;
    fieldErrors?: Record<string, string[]>;
  }
  const ADDRESS = '這個網址的參數無法使用：請看 fieldErrors。';
  const FIELDS = '有些欄位的內容無法使用：請看 fieldErrors。';
  const SENDING = '這則通知目前無法傳送：請檢查各個欄位。';
  const NO_USER = '沒有使用者「99999」：尚未傳送任何通知。';
  const PAST = 'until 的時間已過：請選擇較晚的時間。';
  const notice = { title: 'x', message: 'x' };

  test.each<Refused>([
    { asked: 'GET /notifications/nothing', code: 'not_found', message: '這個網址沒有任何內容。' },
    { asked: 'GET /api/nothing', code: 'not_found', message: '這個網址沒有任何內容。' },
    {
      asked: 'PUT /notifications/poll',
      code: 'method_not_allowed',
      message: '這裡不能使用 PUT。請改用 GET, HEAD, OPTIONS。',
    },
    {
      asked: 'GET /sse/Nothing',
      code: 'unknown_event_type',
      message: expect.stringMatching(/^沒有名為「Nothing」的事件類型。可用的類型：SystemNotification/),
    },
    {
      asked: 'GET /notifications/poll?limit=0&view=other',
      code: 'invalid_input',
      message: ADDRESS,
      fieldErrors: {
        limit: ['limit 是 1 到 100 的數字。'],
        view: ['view 必須是下列其中之一：inbox, unread, done, snoozed, all。'],
      },
    },
    {
      asked: 'POST /notifications/dismiss',
      body: { ids: [], more: 1 },
      code: 'invalid_input',
      message: FIELDS,
      fieldErrors: { ids: ['請至少指定一個 id。'], body: ['請移除這裡不認得的欄位：more。'] },
    },
    {
      asked: 'POST /notifications/snooze',
      body: { ids: [1], until: '2001-01-01T00:00:00Z' },
      code: 'invalid_input',
      message: PAST,
      fieldErrors: { until: [PAST] },
    },
    {
      asked: 'POST /notifications/undo',
      body: { undo: 'x' },
      code: 'cannot_undo',
      message: '這個動作已經無法復原：請重新載入頁面，看看目前的狀態。',
    },
    {
      asked: 'POST /notifications/send',
      body: { title: 'x'.repeat(201), at: 'soon', to: 'everyone' },
      code: 'invalid_input',
      message: SENDING,
      fieldErrors: {
        title: ['標題最多 200 個字元。'],
        message: ['請輸入內容。'],
        at: ['at 請使用含時區的 ISO 8601 時間，例如 2030-01-31T12:00:00Z。'],
      },
    },
    {
      asked: 'POST /notifications/send',
      body: notice,
      code: 'invalid_input',
      message: SENDING,
      fieldErrors: { to: ['請指定收件對象，而且只指定一次：to、audience "all" 或 targetUserId。'] },
    },
    {
      asked: 'POST /notifications/send',
      body: { ...notice, targetUserId: 99_999 },
      code: 'invalid_input',
      message: NO_USER,
      fieldErrors: { targetUserId: [NO_USER] },
    },
    {
      asked: 'POST /notifications/send',
      body: { type: 'Nothing', to: 'everyone', payload: {} },
      code: 'unknown_event_type',
      message: '沒有名為「Nothing」的事件類型。請定義它，並列入 app/event-types.ts。',
    },
    {
      asked: 'POST /notifications/send',
      body: { type: 'SystemNotification', to: 'everyone', payload: { title: 'x' } },
      code: 'invalid_input',
      message: 'payload 不符合事件類型 SystemNotification。',
      fieldErrors: { 'payload.message': ['請輸入內容。'] },
    },
    {
      asked: 'GET /api/auth/session?error=%C3%A9',
      code: 'bad_request',
      message: 'error 不是錯誤的名稱：請使用字母與數字。',
    },
  ])('$asked with $body is refused in it, with the same code', async ({ asked, body, ...error }) => {
    const [method = '', path = ''] = asked.split(' ');
    const answer = await admin.fetch(path, {
      method,
      headers: { ...JSON_HEADERS, ...CHINESE },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    expect(answer.headers.get('content-language')).toBe('zh-TW');
    expect(await answer.json()).toEqual({ error });
  });

  test('the page, the browser, and what was chosen in it say which language it is, in this order', async () => {
    const messageOf = async (query: string, headers: HeadersInit) => {
      const answer = await fetch(`${server.url}/notifications/poll${query}`, { headers });
      return ((await answer.json()) as ErrorBody).error.message;
    };
    const english = 'Nobody is signed in. Sign in, then try again.';
    const chinese = '你尚未登入。請登入後再試一次。';
    const chosen = { Cookie: 'belfry-language=zh-TW', 'Accept-Language': 'en' };
    expect(await messageOf('', {})).toBe(english);
    expect(await messageOf('', { 'Accept-Language': 'xx, *;q=0' })).toBe(english);
    expect(await messageOf('', CHINESE)).toBe(chinese);
    expect(await messageOf('', chosen)).toBe(chinese);
    expect(await messageOf('?locale=en-US', chosen)).toBe(english);
    expect(await messageOf('?locale=zh-Hant-TW', {})).toBe(chinese);
  });

  test('what is refused before a route or a page has it is refused in it too', async () => {
    const method = await fetch(`${server.url}/notifications/poll`, { headers: CHINESE, method: 'PROPFIND' });
    expect(((await method.json()) as ErrorBody).error).toMatchObject({
      code: 'method_not_allowed',
      message: expect.stringMatching(/^這裡不能使用 PROPFIND。/),
    });
    const action = { 'Next-Action': '0a', Origin: server.url, ...CHINESE };
    const unsigned = await fetch(`${server.url}/admin`, { method: 'POST', headers: action, body: 'x' });
    expect([unsigned.headers.get('content-type'), await unsigned.text()]).toEqual([
      'text/plain',
      'not_signed_in: 你尚未登入。請登入後再試一次。',
    ]);
    const elsewhere = await fetch(`${server.url}/admin`, { method: 'POST', headers: CHINESE, body: 'x' });
    expect(elsewhere.headers.get('content-language')).toBe('zh-TW');
    expect(((await elsewhere.json()) as ErrorBody).error.message).toMatch(/^這個請求並非來自本網站的頁面。/);
  });
});

test('health says that it is Belfry and that its database answers; a load balancer may use HEAD', async () => {
  const response = await fetch(`${server.url}/api/health`);
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ app: 'belfry', status: 'ok', database: 'ok' });
  expect((await fetch(`${server.url}/api/health`, { method: 'HEAD' })).status).toBe(200);
});

test('nothing of all this was an error of the server', () => {
  const lines = server
    .log()
    .split('\n')
    .filter((line) => /"level":"(error|fatal)"|unhandled|Error:/i.test(line));
  expect(lines).toEqual([]);
});
