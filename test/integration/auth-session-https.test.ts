// First: the app and Next look at what is around them when they are loaded.
import '../support/app-database.ts';
import '../support/next-request.ts';

import { expect, test, vi } from 'vitest';
import { Browser } from '../support/next-request.ts';

const ORIGIN = 'https://belfry.example';
vi.stubEnv('NEXTAUTH_URL', ORIGIN);
// Making the database has read the environment already.
vi.resetModules();

const { GET, POST } = await import('@/app/api/auth/[...nextauth]/route.ts');
const { createAccount } = await import('@/lib/auth/accounts.ts');
const { commandLineActor } = await import('@/lib/auth/actor.ts');
const { cookieNames } = await import('@/lib/auth/session-cookie.ts');
const { getCurrentUser } = await import('@/lib/auth/session.ts');

const contextOf = (...nextauth: string[]) => ({ params: Promise.resolve({ nextauth }) });

test('on an https address every cookie is marked secure, and the session is found under its secure name', async () => {
  const account = { email: 'mara@example.com', name: 'Mara', password: 'correct horse' };
  await createAccount(account, commandLineActor());
  const browser = new Browser(ORIGIN);
  // The proxy speaks http to us.
  const headers = { 'x-forwarded-proto': 'http' };
  const csrf = await browser.ask(GET, '/api/auth/csrf', { headers, context: contextOf('csrf') });
  const { csrfToken } = await csrf.json();
  const body = new URLSearchParams({ ...account, csrfToken, json: 'true', callbackUrl: '/admin' });
  const context = contextOf('callback', 'credentials');
  const response = await browser.ask(POST, '/api/auth/callback/credentials', {
    method: 'POST',
    body,
    headers,
    context,
  });

  expect(await response.json()).toEqual({ url: `${ORIGIN}/admin` });
  const names = [...browser.cookies.keys()].sort().map((name) => name.replace(/-[0-9a-f]{8}\./, '-….'));
  expect(names).toEqual([
    '__Host-belfry-….callback-url',
    '__Host-belfry-….csrf-token',
    '__Host-belfry-….known-browser',
    '__Host-belfry-….session-token',
  ]);
  // Without any of these a browser would not take a cookie of such a name.
  const given = [...csrf.headers.getSetCookie(), ...response.headers.getSetCookie()];
  expect(given.length).toBeGreaterThan(2);
  for (const cookie of given)
    expect(cookie).toMatch(/^__Host-(?=.*; Path=\/(;|$))(?=.*; Secure)(?!.*; Domain)/i);
  expect(await browser.inside(getCurrentUser)).toMatchObject({ email: account.email });

  const session = cookieNames().session;
  const plain = new Browser(ORIGIN);
  plain.cookies.set(session.replace('__Host-', ''), browser.cookies.get(session) ?? '');
  expect(await plain.inside(getCurrentUser)).toBeNull();
});
