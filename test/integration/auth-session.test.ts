// @module-tag once
// First: the app and Next look at what is around them when they are loaded.
import '../support/app-database.ts';
import '../support/next-request.ts';

import { encode } from 'next-auth/jwt';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { GET, POST } from '@/app/api/auth/[...nextauth]/route.ts';
import { createAccount, setPassword, setRole } from '@/lib/auth/accounts.ts';
import { commandLineActor } from '@/lib/auth/actor.ts';
import { authSecret } from '@/lib/auth/secret.ts';
import { getCurrentUser, requireAdmin, requireUser, requireUserPage } from '@/lib/auth/session.ts';
import { cookieNames } from '@/lib/auth/session-cookie.ts';
import { type EndedSessions, setSessionEndListener } from '@/lib/auth/session-end.ts';
import { findSession } from '@/lib/auth/sessions.ts';
import { db } from '@/lib/database/db.ts';
import { ON_POSTGRESQL } from '../support/empty-database.ts';
import { until } from '../support/engine.ts';
import { Browser } from '../support/next-request.ts';
import { sessionRow } from '../support/session.ts';

const COOKIE = cookieNames().session;
const DAY_MS = 24 * 60 * 60 * 1000;
const password = 'correct horse';
const by = commandLineActor();

let browser: Browser;
let email: string;
let userId: number;
let accounts = 0;
beforeEach(async () => {
  browser = new Browser();
  accounts += 1;
  email = `user${accounts}@example.com`;
  userId = (await createAccount({ email, name: 'Mara', password }, by)).id;
});

function get(path: string, from = browser): Promise<Response> {
  return from.ask(GET, `/api/auth/${path}`, { context: contextOf(path) });
}

function post(path: string, form: Record<string, string>, from = browser): Promise<Response> {
  const body = new URLSearchParams(form);
  return from.ask(POST, `/api/auth/${path}`, { method: 'POST', body, context: contextOf(path) });
}

function contextOf(path: string) {
  return { params: Promise.resolve({ nextauth: (path.split('?')[0] ?? '').split('/') }) };
}

async function csrfToken(from = browser): Promise<string> {
  return (await (await get('csrf', from)).json()).csrfToken;
}

/** Signs in as the form does, and gives where next-auth sends the browser. */
async function signIn(form: Record<string, string> = {}, from = browser): Promise<URL> {
  const token = await csrfToken(from);
  const response = await post(
    'callback/credentials',
    { email, password, csrfToken: token, json: 'true', ...form },
    from,
  );
  return new URL((await response.json()).url);
}

async function signOut(): Promise<void> {
  await post('signout', { csrfToken: await csrfToken(), json: 'true' });
}

const currentUser = (from = browser) => from.inside(getCurrentUser);

/** Puts a cookie of one's own making into the browser. */
async function giveCookie(claims: Record<string, unknown>, { maxAge = 3600, secret = authSecret() } = {}) {
  browser.cookies.set(COOKIE, await encode({ token: claims, secret, maxAge }));
}

/** A session that began and was last seen so long ago, in days, and its cookie. */
async function giveSession({ began = 0, seen = 0 }: { began?: number; seen?: number } = {}): Promise<string> {
  const id = `session of ${email}`;
  const ago = (days: number) => new Date(Date.now() - days * DAY_MS);
  await db.session.create({
    data: { ...sessionRow({ id, userId }), createdAt: ago(began), lastSeenAt: ago(seen) },
  });
  await giveCookie({ sessionId: id });
  return id;
}

const rowOf = (id: string) => db.session.findUniqueOrThrow({ where: { id } });

test('whoever signs in is the current user, for 90 days at most, and the session says where it is', async () => {
  expect(await currentUser()).toBeNull();
  const body = new URLSearchParams({
    email: ` ${email.toUpperCase()}`,
    password,
    csrfToken: await csrfToken(),
  });
  const headers = { 'user-agent': 'A browser', 'x-forwarded-for': '192.0.2.7' };
  const path = 'callback/credentials';
  await browser.ask(POST, `/api/auth/${path}`, { method: 'POST', body, headers, context: contextOf(path) });
  const user = await currentUser();
  expect(user).toMatchObject({ id: userId, email, name: 'Mara', role: 'USER' });
  const daysLeft = ((user?.sessionExpiresAt.getTime() ?? 0) - Date.now()) / DAY_MS;
  expect(daysLeft).toBeGreaterThan(89.99);
  expect(daysLeft).toBeLessThanOrEqual(90);
  const row = await rowOf(user?.sessionId ?? '');
  expect(row).toMatchObject({ userId, agent: 'A browser', endedAt: null });
  expect(row.id).toMatch(/^[\w-]{32}$/);
});

test('a wrong password signs nobody in and says which kind of refusal it was', async () => {
  const target = await signIn({ password: 'wrong horse' });
  expect(target.searchParams.get('error')).toBe('CredentialsSignin');
  expect(browser.cookies.has(COOKIE)).toBe(false);
});

test('without the token that our own form carries nobody is signed in', async () => {
  await post('callback/credentials', { email, password, json: 'true' });
  expect(await currentUser()).toBeNull();
});

test('signing out ends this session for every copy of its cookie, says so once, and leaves the others', async () => {
  const heard: EndedSessions[] = [];
  setSessionEndListener((ended) => heard.push(ended));
  const other = new Browser();
  await signIn({}, other);
  await signIn();
  const copy = browser.cookies.get(COOKIE) ?? '';
  const sessionId = (await currentUser())?.sessionId ?? '';
  await signOut();
  expect(browser.cookies.has(COOKIE)).toBe(false);
  browser.cookies.set(COOKIE, copy);
  expect(await currentUser()).toBeNull();
  await signOut();
  expect(heard).toEqual([{ userId, sessionIds: [sessionId] }]);
  expect(await currentUser(other)).toMatchObject({ id: userId });
});

test('without the token that our own form carries nobody is signed out', async () => {
  await signIn();
  await post('signout', { json: 'true' });
  expect(await currentUser()).not.toBeNull();
});

test('signing in anew in the same browser ends the session that was there', async () => {
  await signIn();
  const before = (await currentUser())?.sessionId ?? '';
  await signIn();
  expect((await currentUser())?.sessionId).not.toBe(before);
  expect(await findSession(before)).toBeNull();
});

test('a session says when it really ends, and reading it does not move the end', async () => {
  const sessionId = await giveSession({ began: 80 });
  await giveCookie({ sessionId }, { maxAge: 600 });
  const first = await currentUser();
  expect((first?.sessionExpiresAt.getTime() ?? 0) - Date.now()).toBeLessThanOrEqual(600_000);
  expect((await currentUser())?.sessionExpiresAt).toEqual(first?.sessionExpiresAt);
  await giveCookie({ sessionId }, { maxAge: 90 * 24 * 60 * 60 });
  const daysLeft = (((await currentUser())?.sessionExpiresAt.getTime() ?? 0) - Date.now()) / DAY_MS;
  expect(Math.round(daysLeft)).toBe(10);
});

test('next-auth tells who is signed in, as what, and until when', async () => {
  await signIn();
  const { sessionExpiresAt } = (await currentUser()) ?? {};
  const answer = await (await get('session')).json();
  expect(answer).toEqual({
    user: { id: String(userId), role: 'USER', name: 'Mara', email },
    expires: expect.any(String),
  });
  expect(Math.abs(Date.parse(answer.expires) - Number(sessionExpiresAt))).toBeLessThan(5_000);
  await setRole({ email, role: 'ADMIN' }, by);
  expect(await (await get('session')).json()).toMatchObject({ user: { role: 'ADMIN' } });
});

describe('how long a session lasts', () => {
  const SECOND = 1 / (24 * 60 * 60);

  test('whoever uses it stays signed in: with 50 s left, it is good for another 30 days', async () => {
    const id = await giveSession({ began: 40, seen: 30 - 50 * SECOND });
    expect(await currentUser()).toMatchObject({ id: userId });
    await until(async () => (await rowOf(id)).lastSeenAt.getTime() > Date.now() - 5_000);
  });

  test('one that nobody used for 30 days has ended', async () => {
    await giveSession({ began: 40, seen: 30 + SECOND });
    expect(await currentUser()).toBeNull();
    expect(await (await get('session')).json()).toEqual({});
    expect(browser.cookies.has(COOKIE)).toBe(false);
  });

  test('90 days after signing in it ends, however much it was used, and asking next-auth does not make it younger', async () => {
    await giveSession({ began: 90 - SECOND * 60 });
    expect(await (await get('session')).json()).toHaveProperty('user');
    const left = ((await currentUser())?.sessionExpiresAt.getTime() ?? 0) - Date.now();
    expect(left).toBeLessThanOrEqual(60_000);
    await db.session.updateMany({
      where: { userId },
      data: { createdAt: new Date(Date.now() - 90 * DAY_MS) },
    });
    expect(await currentUser()).toBeNull();
  });

  test('where and when it was last used is noted every five minutes, and nobody waits for it', async () => {
    const id = await giveSession({ seen: 240 * SECOND });
    const asked = { headers: { 'user-agent': 'Another browser'.repeat(100) }, context: null };
    const ask = () => browser.ask(async () => Response.json(await getCurrentUser()), '/', asked);
    await ask();
    await db.session.update({
      where: { id },
      data: { lastSeenAt: new Date(Date.now() - 301_000), agent: 'old' },
    });
    await ask();
    expect((await rowOf(id)).agent).toBe('old');
    await until(async () => (await rowOf(id)).lastSeenAt.getTime() > Date.now() - 5_000);
    expect((await rowOf(id)).agent).toMatch(/^(Another browser)+/);
    expect((await rowOf(id)).agent.length).toBeLessThanOrEqual(400);
  });

  test('a session whose use cannot be written down works all the same', async () => {
    await giveSession({ seen: 2 });
    for (const statement of refusing) await db.$executeRawUnsafe(statement);
    try {
      for (let n = 0; n < 3; n += 1) expect(await currentUser()).toMatchObject({ id: userId });
    } finally {
      for (const statement of accepting) await db.$executeRawUnsafe(statement);
    }
  });
});

// Nothing in the table can be changed, as in a database that has become read-only.
const refusing = ON_POSTGRESQL
  ? [
      `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$`,
      'CREATE TRIGGER refuse BEFORE UPDATE ON session FOR EACH ROW EXECUTE FUNCTION refuse()',
    ]
  : [`CREATE TRIGGER refuse BEFORE UPDATE ON session BEGIN SELECT RAISE(ABORT, 'refused'); END`];
const accepting = ON_POSTGRESQL
  ? ['DROP TRIGGER refuse ON session', 'DROP FUNCTION refuse']
  : ['DROP TRIGGER refuse'];

test('an expired, forged, damaged or foreign cookie is nobody, and so is one that names no session', async () => {
  const sessionId = await giveSession();
  expect(await currentUser()).not.toBeNull();
  // Within the 15 s that decryption tolerates.
  await giveCookie({ sessionId }, { maxAge: -5 });
  expect(await currentUser()).toBeNull();
  await giveCookie({ sessionId }, { maxAge: -60 });
  expect(await currentUser()).toBeNull();
  await giveCookie({ sessionId }, { secret: 'the secret of another server' });
  expect(await currentUser()).toBeNull();
  browser.cookies.set(COOKIE, 'not a token');
  expect(await currentUser()).toBeNull();
  for (const claims of [
    { sub: String(userId) },
    { sessionId: userId },
    { sessionId: '' },
    { sessionId: 'unknown' },
  ]) {
    await giveCookie(claims);
    expect(await currentUser()).toBeNull();
  }
});

test('a cookie of 0.1.0, which named an account by its number, opens nothing', async () => {
  await giveCookie({ userId, sessionVersion: 1, name: 'Mara', email, signedInAt: 1 });
  expect(await currentUser()).toBeNull();
  expect(await (await get('session')).json()).toEqual({});
});

test('a session too long for one cookie is read from its pieces', async () => {
  await giveCookie({ sessionId: await giveSession(), padding: 'x'.repeat(9_000) });
  const whole = browser.cookies.get(COOKIE) ?? '';
  browser.cookies.delete(COOKIE);
  for (let piece = 0; piece * 3_900 < whole.length; piece += 1) {
    browser.cookies.set(`${COOKIE}.${piece}`, whole.slice(piece * 3_900, (piece + 1) * 3_900));
  }
  expect(browser.cookies.size).toBeGreaterThan(2);
  expect(await currentUser()).toMatchObject({ id: userId });
});

test('the cookie that marks a known browser is no session', async () => {
  await signIn();
  const known = browser.cookies.get(cookieNames().knownBrowser) ?? '';
  expect(known).not.toBe('');
  browser.cookies.set(COOKIE, known);
  expect(await currentUser()).toBeNull();
});

test('a session does not count as a bearer token', async () => {
  await signIn();
  const token = browser.cookies.get(COOKIE) ?? '';
  const stranger = new Browser();
  const response = await stranger.ask(async () => Response.json(await getCurrentUser()), '/', {
    headers: { authorization: `Bearer ${token}` },
    context: null,
  });
  expect(await response.json()).toBeNull();
});

test('a disabled account, a removed one and a new password end the session at the next request', async () => {
  await signIn();
  await db.user.update({ where: { id: userId }, data: { disabledAt: new Date() } });
  expect(await currentUser()).toBeNull();
  await db.user.update({ where: { id: userId }, data: { disabledAt: null } });
  expect(await currentUser()).not.toBeNull();
  await setPassword({ email, password: 'battery staple' }, by);
  expect(await currentUser()).toBeNull();
  await signIn({ password: 'battery staple' });
  await db.user.delete({ where: { id: userId } });
  expect(await currentUser()).toBeNull();
});

test('next-auth tells nothing to a revoked session, and takes its cookie away', async () => {
  await signIn();
  await setPassword({ email, password: 'battery staple' }, by);
  expect(await (await get('session')).json()).toEqual({});
  expect(browser.cookies.has(COOKIE)).toBe(false);
});

test('a session cannot be rewritten by asking next-auth to update it', async () => {
  await signIn();
  const data = { sessionId: 'of somebody else', userId: 1, role: 'ADMIN' };
  const body = JSON.stringify({ csrfToken: await csrfToken(), data });
  const headers = { 'content-type': 'application/json' };
  await browser.ask(POST, '/api/auth/session', {
    method: 'POST',
    body,
    headers,
    context: contextOf('session'),
  });
  expect(await currentUser()).toMatchObject({ id: userId, role: 'USER' });
});

test('a promotion counts from the next request on', async () => {
  await signIn();
  await expect(browser.inside(requireAdmin)).rejects.toMatchObject({ code: 'not_allowed', status: 403 });
  await setRole({ email, role: 'ADMIN' }, by);
  expect(await browser.inside(requireAdmin)).toMatchObject({ id: userId, role: 'ADMIN' });
});

test('what needs a user refuses everybody else, and a page sends them to sign in and back', async () => {
  await expect(browser.inside(requireUser)).rejects.toMatchObject({ code: 'not_signed_in', status: 401 });
  await expect(browser.inside(requireAdmin)).rejects.toMatchObject({ code: 'not_signed_in' });
  await expect(browser.inside(() => requireUserPage('/admin?tab=sent'))).rejects.toMatchObject({
    digest: expect.stringContaining(';/sign-in?callbackUrl=%2Fadmin%3Ftab%3Dsent;'),
  });
});

test.each([
  ['/admin?tab=sent', 'http://localhost:3000/admin?tab=sent'],
  ['http://localhost:3000/admin', 'http://localhost:3000/admin'],
  ['https://evil.example/admin', 'http://localhost:3000/'],
  ['//evil.example', 'http://localhost:3000/'],
  ['/\\evil.example', 'http://localhost:3000/'],
  ['javascript:alert(1)', 'http://localhost:3000/'],
  ['not an address', 'http://localhost:3000/not%20an%20address'],
])('signing in with callbackUrl %j leads to %s', async (callbackUrl, target) => {
  expect((await signIn({ callbackUrl })).href).toBe(target);
});

test('signing in by the address of this machine stays there', async () => {
  const byAddress = new Browser('http://127.0.0.1:4200');
  expect((await signIn({ callbackUrl: '/admin' }, byAddress)).href).toBe('http://127.0.0.1:4200/admin');
  expect(await currentUser(byAddress)).toMatchObject({ id: userId });
});

test('after ten wrong passwords the form is told how long to wait, except in the browser of the owner', async () => {
  await signIn();
  await signOut();
  const stranger = new Browser(undefined, '203.0.113.9');
  for (let n = 0; n < 10; n += 1) await signIn({ password: `guess ${n}` }, stranger);
  const refusal = (await signIn({}, stranger)).searchParams.get('error');
  expect(refusal).toMatch(/^too_many_requests:\d+$/);
  await signIn();
  expect(await currentUser()).toMatchObject({ id: userId });
});

test('a browser is known to the account it signed in to, and to no other', async () => {
  const other = { email: `other-of-${email}`, name: 'Nils', password };
  await createAccount(other, by);
  await signIn();
  await signOut();
  for (let n = 0; n < 10; n += 1) await signIn({ email: other.email, password: `guess ${n}` }, new Browser());
  const refusal = (await signIn({ email: other.email })).searchParams.get('error');
  expect(refusal).toMatch(/^too_many_requests:/);
});

test('a body that is too long or no JSON is refused before next-auth reads it', async () => {
  const context = () => contextOf('callback/credentials');
  const path = '/api/auth/callback/credentials';
  const headers = { 'content-type': 'application/json' };
  const long = await browser.ask(POST, path, {
    method: 'POST',
    body: 'x'.repeat(20_000),
    context: context(),
  });
  expect(long.status).toBe(413);
  const broken = await browser.ask(POST, path, { method: 'POST', body: '{', headers, context: context() });
  expect(broken.status).toBe(400);
});

test('a callbackUrl that is no address is the fault of whoever sent it', async () => {
  for (const path of [
    'csrf?callbackUrl=http://',
    'signin?callbackUrl=javascript:alert(1)',
    'csrf?callbackUrl=nowhere',
  ]) {
    expect((await get(path)).status).toBe(400);
  }
  expect((await get('csrf?callbackUrl=/admin')).status).toBe(200);
});

test.each([
  'error?error=%E9%90%98',
  'error/鐘',
  'error/%E9%90%98',
  'error/a b',
  'signin/鐘',
  'callback/鐘',
  '鐘',
])('a name that next-auth cannot have, as in %s, is the fault of whoever sent it', async (path) => {
  const { status } = await get(path);
  expect([400, 404]).toContain(status);
});

test('a header that anybody can send does not change which cookie counts', async () => {
  const headers = { 'x-forwarded-proto': 'https' };
  await browser.ask(GET, '/api/auth/csrf', { headers, context: contextOf('csrf') });
  expect([...browser.cookies.keys()].filter((name) => name.startsWith('__'))).toEqual([]);
});

test('nobody can write to our log through next-auth', async () => {
  expect((await post('_log', { level: 'error', code: 'FORGED', message: 'x' })).status).toBe(204);
});

beforeAll(() => {
  // next-auth needs to know that it may believe the Host header; lib/config/env.ts says so.
  expect(process.env.AUTH_TRUST_HOST).toBe('true');
});
