import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SignedIn, signIn, type TestServer } from '../support/server.ts';
import { startTestServer } from '../support/test-server.ts';

const PUBLIC = 'https://belfry.example';
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
// In place of what an address leaves open, such as `[eventType]`.
const EXAMPLES: Record<string, string[]> = {
  '[eventType]': ['SystemNotification', 'Nothing'],
  '[id]': ['1', 'nothing'],
  '[...nextauth]': [
    'csrf',
    'session',
    'providers',
    'signin',
    'signout',
    'error',
    'callback/credentials',
    'nothing',
  ],
  '[...belfry]': [
    ...['poll', 'changes', 'dismiss', 'clear', 'read', 'unread', 'restore', 'snooze', 'seen', 'undo', 'act'],
    ...['nothing', 'nothing/at/all'],
  ],
  '[...path]': ['nothing', 'nothing/at/all'],
};
const ALSO = [
  '/nothing',
  '/admin/nothing',
  '/%E0%A4%A',
  '/_next/nothing',
  '/_next/static/nothing.js',
  '/api',
  '/sse/',
  '/admin/',
  '//admin',
  '/sse//x',
];

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
}

let server: TestServer;
let admin: SignedIn;

beforeAll(async () => {
  server = await startTestServer({ env: { NEXTAUTH_URL: PUBLIC, BELFRY_DEMO: '1', LOG_LEVEL: 'error' } });
  admin = await signIn(server.url, 'admin@belfry.test', undefined, PUBLIC);
}, 60_000);
afterAll(() => server?.remove());

/** Every address of the build, pages and routes, and some that are none. */
function addresses(): string[] {
  const manifest = new URL('../../.next/server/app-paths-manifest.json', import.meta.url);
  const built = Object.keys(JSON.parse(readFileSync(manifest, 'utf8')) as object)
    .map((entry) => entry.replace(/\/(page|route)$/, '') || '/')
    // What Next shows by itself, and pictures.
    .filter((path) => !path.startsWith('/_') && !/\.\w+$/.test(path));
  const whole = built.flatMap((path) => {
    const open = /\[[^\]]+\]/.exec(path)?.[0];
    if (!open) return [path];
    return (EXAMPLES[open] ?? expect.fail(`Give an example of ${open}.`)).map((one) =>
      path.replace(open, one),
    );
  });
  return [...whole, ...ALSO];
}

/** One request as a poisoner of caches would send it; its body is left unread. */
function ask(method: string, path: string, cookie?: string): Promise<Answer> {
  const headers = {
    'X-Forwarded-Host': 'evil.example',
    'X-Forwarded-Proto': 'http',
    'Content-Length': '0',
    Origin: PUBLIC,
    ...(cookie ? { Cookie: cookie } : {}),
  };
  return new Promise((resolve, reject) => {
    const asked = request(`${server.url}${path}`, { method, headers, agent: false }, (answer) => {
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers });
      answer.destroy();
    });
    asked.on('error', reject).end();
  });
}

async function walk(look: (answer: Answer, what: string) => void): Promise<void> {
  for (const path of addresses())
    for (const method of METHODS)
      for (const cookie of [undefined, admin.cookie]) {
        const answer = await ask(method, path, cookie);
        look(answer, `${method} ${path}${cookie ? ' as an admin' : ''}: ${answer.status}`);
      }
}

test('no answer but a file may be kept by a cache, whatever was asked, how, and by whom', async () => {
  const kept: string[] = [];
  await walk(({ headers }, what) => {
    const control = String(headers['cache-control']);
    if (!/\bprivate\b/.test(control) || !/\bno-store\b/.test(control)) kept.push(`${what} ${control}`);
  });
  expect(kept).toEqual([]);
}, 120_000);

test('every answer keeps the browser to this site and to https, and none says evil.example', async () => {
  const wrong: string[] = [];
  await walk(({ headers }, what) => {
    const expected = {
      'content-security-policy': /frame-ancestors 'none'/,
      'cross-origin-opener-policy': /^same-origin$/,
      'cross-origin-resource-policy': /^same-origin$/,
      'permissions-policy': /camera=\(\)/,
      'referrer-policy': /^strict-origin-when-cross-origin$/,
      'strict-transport-security': /^max-age=31536000$/,
      'x-content-type-options': /^nosniff$/,
    };
    for (const [name, pattern] of Object.entries(expected))
      if (!pattern.test(String(headers[name]))) wrong.push(`${what} ${name}: ${headers[name]}`);
    if (/script-src[^;]*'unsafe-/.test(String(headers['content-security-policy'])))
      wrong.push(`${what} lets scripts in`);
    if (JSON.stringify(headers).includes('evil.example')) wrong.push(`${what} repeats a forged host`);
  });
  expect(wrong).toEqual([]);
}, 120_000);

test('a file of the build may be kept, and is as safe', async () => {
  const page = await fetch(server.url);
  const script =
    /src="(\/_next\/static\/[^"]+\.js)"/.exec(await page.text())?.[1] ?? expect.fail('no script');
  const { headers } = await fetch(`${server.url}${script}`);
  expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('strict-transport-security')).toBe('max-age=31536000');
  const picture = await fetch(`${server.url}/icon.svg`);
  expect(picture.status).toBe(200);
  expect(picture.headers.get('cross-origin-resource-policy')).toBe('same-origin');
});

test('each answer has a nonce of its own, which every script of the page carries', async () => {
  const nonces = new Set<string>();
  for (const path of ['/', '/', '/sign-in', '/nothing']) {
    const page = await fetch(`${server.url}${path}`);
    const nonce = /'nonce-([^']+)'/.exec(page.headers.get('content-security-policy') ?? '')?.[1] ?? '';
    expect(Buffer.from(nonce, 'base64')).toHaveLength(16);
    nonces.add(nonce);
    const scripts = (await page.text()).match(/<script\b[^>]*>/g) ?? [];
    expect(scripts.length).toBeGreaterThan(0);
    expect(scripts.filter((tag) => !tag.includes(`nonce="${nonce}"`))).toEqual([]);
  }
  expect(nonces.size).toBe(4);
});
