// First: the app and Next look at what is around them when they are loaded.
import '../support/app-database.ts';
import '../support/next-request.ts';

import { decode, encode } from 'next-auth/jwt';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { GET, POST } from '@/app/api/auth/[...nextauth]/route.ts';
import { createAccount, setPassword, setRole } from '@/lib/auth/accounts.ts';
import { commandLineActor } from '@/lib/auth/actor.ts';
import { authSecret } from '@/lib/auth/secret.ts';
import { getCurrentUser, requireAdmin, requireUser, requireUserPage } from '@/lib/auth/session.ts';
import { setSignOutListener } from '@/lib/auth/sign-out.ts';
import { db } from '@/lib/db.ts';
import { Browser } from '../support/next-request.ts';

const COOKIE = 'next-auth.session-token';
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

/** Puts a session of one's own making into the browser. */
async function giveSession(claims: Record<string, unknown>, { maxAge = 3600, secret = authSecret() } = {}) {
  browser.cookies.set(COOKIE, await encode({ token: claims, secret, maxAge }));
}

test('whoever signs in is the current user, for 30 days', async () => {
  expect(await currentUser()).toBeNull();
  await signIn({ email: ` ${email.toUpperCase()}` });
  const user = await currentUser();
  expect(user).toMatchObject({ id: userId, email, name: 'Mara', role: 'USER', sessionVersion: 1 });
  const daysLeft = ((user?.sessionExpiresAt.getTime() ?? 0) - Date.now()) / DAY_MS;
  expect(daysLeft).toBeGreaterThan(29.99);
  expect(daysLeft).toBeLessThanOrEqual(30);
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

test('signing out ends the session in the browser and tells who listens, once', async () => {
  const heard: number[] = [];
  setSignOutListener((id) => heard.push(id));
  await signIn();
  await signOut();
  expect(await currentUser()).toBeNull();
  await signOut();
  expect(heard).toEqual([userId]);
});

test('a session says when it really ends, and reading it does not move the end', async () => {
  await giveSession({ userId, sessionVersion: 1 }, { maxAge: 600 });
  const first = await currentUser();
  expect((first?.sessionExpiresAt.getTime() ?? 0) - Date.now()).toBeLessThanOrEqual(600_000);
  expect((await currentUser())?.sessionExpiresAt).toEqual(first?.sessionExpiresAt);
});

test('asking next-auth for the session gives it another 30 days', async () => {
  await giveSession({ userId, sessionVersion: 1, name: 'Mara', email }, { maxAge: 600 });
  const answer = await (await get('session')).json();
  expect(answer).toEqual({ user: { name: 'Mara', email }, expires: expect.any(String) });
  expect((await currentUser())?.sessionExpiresAt.getTime()).toBeGreaterThan(Date.now() + 29 * DAY_MS);
});

test('a session that began 90 days ago is not renewed any more, and renewing does not make it younger', async () => {
  const daysAgo = (days: number) => Math.floor((Date.now() - days * DAY_MS) / 1_000);
  await giveSession({ userId, sessionVersion: 1, signedInAt: daysAgo(89) });
  expect(await (await get('session')).json()).toHaveProperty('user');
  const renewed = await decode({ token: browser.cookies.get(COOKIE) ?? '', secret: authSecret() });
  expect(renewed).toMatchObject({ userId, signedInAt: daysAgo(89) });
  await giveSession({ userId, sessionVersion: 1, signedInAt: daysAgo(91) });
  expect(await (await get('session')).json()).toEqual({});
  expect(await currentUser()).toBeNull();
});

test('an expired, forged, damaged or foreign session is nobody', async () => {
  // Within the 15 s that decryption tolerates.
  await giveSession({ userId, sessionVersion: 1 }, { maxAge: -5 });
  expect(await currentUser()).toBeNull();
  await giveSession({ userId, sessionVersion: 1 }, { maxAge: -60 });
  expect(await currentUser()).toBeNull();
  await giveSession({ userId, sessionVersion: 1 }, { secret: 'the secret of another server' });
  expect(await currentUser()).toBeNull();
  browser.cookies.set(COOKIE, 'not a token');
  expect(await currentUser()).toBeNull();
  await giveSession({ userId: String(userId), sessionVersion: 1 });
  expect(await currentUser()).toBeNull();
  await giveSession({ sub: String(userId) });
  expect(await currentUser()).toBeNull();
});

test('a session too long for one cookie is read from its pieces', async () => {
  await giveSession({ userId, sessionVersion: 1, padding: 'x'.repeat(9_000) });
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
  const known = browser.cookies.get('belfry.known-browser') ?? '';
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
  const data = { userId: 1, sessionVersion: 1, role: 'ADMIN' };
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
  const stranger = new Browser();
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

test('a header that anybody can send does not change which cookie counts', async () => {
  const headers = { 'x-forwarded-proto': 'https' };
  await browser.ask(GET, '/api/auth/csrf', { headers, context: contextOf('csrf') });
  expect([...browser.cookies.keys()].filter((name) => name.startsWith('__'))).toEqual([]);
});

test('nobody can write to our log through next-auth', async () => {
  expect((await post('_log', { level: 'error', code: 'FORGED', message: 'x' })).status).toBe(204);
});

beforeAll(() => {
  // next-auth needs to know that it may believe the Host header; lib/env.ts says so.
  expect(process.env.AUTH_TRUST_HOST).toBe('true');
});
