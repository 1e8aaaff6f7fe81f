import { isAbsolute, join } from 'node:path';
import { expect, test } from 'vitest';
import { isBelfryError } from '../../lib/belfry/protocol/errors.ts';
import { parseEnvironment } from '../../lib/config/env.ts';
import { embeddedDatabaseFile } from '../../lib/config/start-settings.mjs';

const SECRET = 'sixteen characters, and more';

function refusal(raw: Record<string, string>): string {
  try {
    parseEnvironment(raw);
  } catch (error) {
    if (isBelfryError(error, 'bad_environment')) return error.message;
    throw error;
  }
  return 'accepted';
}

test('nothing has to be set on one machine', () => {
  expect(parseEnvironment({})).toMatchObject({
    databaseUrl: 'file:./data/belfry.db',
    authSecret: undefined,
    redisUrl: undefined,
    maxStreamsPerUser: 10,
    demoAccounts: 'own-password',
  });
});

test('an empty variable counts as unset', () => {
  const empty = {
    PORT: '',
    DATABASE_URL: '',
    REDIS_URL: '',
    NEXTAUTH_SECRET: '',
    BELFRY_DEMO: '',
    LOG_LEVEL: '',
    TRUSTED_PROXIES: '',
  };
  expect(parseEnvironment(empty)).toEqual(parseEnvironment({}));
});

test.each([
  ['PORT', '0'],
  ['PORT', '65536'],
  ['PORT', '3000x'],
  ['PORT', '-1'],
  ['PORT', ' 3000'],
  ['PORT', '0x10'],
  ['DATABASE_URL', 'mysql://localhost/x'],
  ['DATABASE_URL', 'file:'],
  ['DATABASE_URL', './belfry.db'],
  ['REDIS_URL', 'localhost:6379'],
  ['REDIS_URL', 'redis://:pass#word@host:port'],
  ['DATABASE_URL', 'postgresql://belfry:a/b@host:5432x/belfry'],
  ['DATABASE_URL', 'postgresql://belfry@host/belfry?schema=other'],
  ['DATABASE_URL', 'postgresql://belfry@host/belfry?sslmode=maybe'],
  ['DATABASE_URL', 'postgresql://belfry@host/belfry?sslmode=verify-ca'],
  ['DATABASE_URL', 'postgresql://belfry@host/belfry?sslmode=require&sslrootcert=system'],
  ['DATABASE_URL', 'postgresql://belfry@host/belfry?sslcert=/a.crt'],
  ['NEXTAUTH_SECRET', 'short'],
  ['NEXTAUTH_URL', 'example.com'],
  ['NEXTAUTH_URL', 'https://example.com/app'],
  ['IMAGE_HOSTS', 'https://avatars.example.com'],
  ['IMAGE_HOSTS', 'avatars.example.com/faces'],
  ['IMAGE_HOSTS', '*'],
  ['IMAGE_HOSTS', '*.com'],
  ['IMAGE_HOSTS', 'a.*.example.com'],
  ['IMAGE_HOSTS', "avatars.example.com 'unsafe-inline'"],
  ['IMAGE_HOSTS', 'avatars.example.com; script-src *'],
  ['IMAGE_HOSTS', 'avatars.example.com,,'],
  ['TRUSTED_PROXIES', 'nginx'],
  ['TRUSTED_PROXIES', '127.0.0.1 10.0.0.1'],
  ['TRUSTED_PROXIES', '127.0.0.1,10.0.0'],
  ['TRUSTED_PROXIES', '10.0.0.0/33'],
  ['TRUSTED_PROXIES', '10.0.0.0/'],
  ['TRUSTED_PROXIES', '10.0.0.0/8/8'],
  ['TRUSTED_PROXIES', 'fd00::/129'],
  ['TRUSTED_PROXIES', '[::1]:80'],
  ['MAX_STREAM_SECONDS', '0'],
  ['MAX_STREAMS_PER_USER', '0'],
  ['MAX_STREAMS_PER_USER', 'ten'],
  ['MAX_STREAMS_PER_USER', '1.5'],
  ['SEND_LIMIT_PER_MINUTE', '-5'],
  ['BELFRY_DEMO', 'yes'],
  ['LOG_LEVEL', 'loud'],
])('%s=%s stops the start with a sentence that names the variable', (name, value) => {
  const sentence = refusal({ [name]: value });
  expect(sentence).toContain(name);
  expect(sentence).toMatch(/\.$/);
});

test('every variable that cannot be used is named at once', () => {
  expect(refusal({ PORT: 'x', LOG_LEVEL: 'x', BELFRY_DEMO: 'x' })).toMatch(/PORT.*BELFRY_DEMO.*LOG_LEVEL/);
});

test('a sentence never repeats a secret', () => {
  expect(refusal({ NEXTAUTH_SECRET: 'hunter2' })).not.toContain('hunter2');
});

test.each(['127.0.0.1', 'localhost', '::1'])(
  'on %s no secret is needed, and demo accounts are there',
  (host) => {
    expect(parseEnvironment({ BELFRY_HOST: host }).demoAccounts).toBe('own-password');
  },
);

test.each(['0.0.0.0', '::', '192.168.1.5', 'example.com', '127.0.0.1.example.com'])(
  'on %s it does not start without a secret, and has no demo accounts',
  (host) => {
    expect(refusal({ BELFRY_HOST: host })).toContain('NEXTAUTH_SECRET');
    expect(parseEnvironment({ BELFRY_HOST: host, NEXTAUTH_SECRET: SECRET }).demoAccounts).toBe('none');
  },
);

test('with a public address it has no demo accounts, though it listens on this machine alone', () => {
  const behind = (NEXTAUTH_URL: string) => parseEnvironment({ NEXTAUTH_URL }).demoAccounts;
  expect(behind('https://example.com')).toBe('none');
  expect([behind('http://localhost:3000'), behind('http://[::1]:3000')]).toEqual([
    'own-password',
    'own-password',
  ]);
});

test('with a proxy in front it has no demo accounts, though it listens on this machine alone', () => {
  expect(parseEnvironment({ TRUSTED_PROXIES: '127.0.0.1' }).demoAccounts).toBe('none');
});

test('on PostgreSQL, which has no place beside it for their password, it has no demo accounts', () => {
  const parsed = parseEnvironment({ DATABASE_URL: 'postgresql://127.0.0.1/belfry', NEXTAUTH_SECRET: SECRET });
  expect(parsed.demoAccounts).toBe('none');
});

test('BELFRY_DEMO decides about demo accounts, wherever it listens', () => {
  const open = { BELFRY_HOST: '0.0.0.0', NEXTAUTH_SECRET: SECRET };
  expect(parseEnvironment({ ...open, BELFRY_DEMO: '1' }).demoAccounts).toBe('public-password');
  expect(parseEnvironment({ BELFRY_DEMO: '0' }).demoAccounts).toBe('none');
});

test('a build needs no secret, wherever the result will listen', () => {
  expect(refusal({ BELFRY_HOST: '0.0.0.0', NEXT_PHASE: 'phase-production-build' })).toBe('accepted');
});

test('what containers set as HOSTNAME says nothing about where to listen', () => {
  expect(parseEnvironment({ HOSTNAME: '0.0.0.0' }).demoAccounts).toBe('own-password');
});

test('the embedded database is a file, found from the working folder', () => {
  expect(embeddedDatabaseFile('file:./data/belfry.db')).toBe(join(process.cwd(), 'data', 'belfry.db'));
  expect(embeddedDatabaseFile('file:/var/lib/belfry.db')).toBe('/var/lib/belfry.db');
  expect(isAbsolute(embeddedDatabaseFile('file:belfry.db') ?? '')).toBe(true);
  expect(embeddedDatabaseFile('postgresql://localhost/belfry')).toBeNull();
});

test('images may come from the hosts that are named, and from none without', () => {
  expect(parseEnvironment({}).imageHosts).toEqual([]);
  expect(
    parseEnvironment({ IMAGE_HOSTS: 'Avatars.example.com, *.cdn.example:8443,faces' }).imageHosts,
  ).toEqual(['avatars.example.com', '*.cdn.example:8443', 'faces']);
});
