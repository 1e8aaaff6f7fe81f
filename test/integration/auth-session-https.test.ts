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
  expect([...browser.cookies.keys()].sort()).toEqual([
    '__Host-next-auth.csrf-token',
    '__Secure-belfry.known-browser',
    '__Secure-next-auth.callback-url',
    '__Secure-next-auth.session-token',
  ]);
  for (const cookie of response.headers.getSetCookie()) expect(cookie).toMatch(/; Secure/);
  expect(await browser.inside(getCurrentUser)).toMatchObject({ email: account.email });

  const plain = new Browser(ORIGIN);
  plain.cookies.set('next-auth.session-token', browser.cookies.get('__Secure-next-auth.session-token') ?? '');
  expect(await plain.inside(getCurrentUser)).toBeNull();
});
