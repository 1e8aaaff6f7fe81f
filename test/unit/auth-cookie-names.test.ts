import { expect, test } from 'vitest';
import { cookieNamesOf } from '@/lib/auth/session-cookie.ts';

const secret = 'the secret of one server';

test('two apps on one machine have no cookie name in common', () => {
  const apps = [
    { secret, authUrl: undefined },
    { secret: 'the secret of another', authUrl: undefined },
    { secret, authUrl: 'http://127.0.0.1:3001' },
    { secret, authUrl: 'https://belfry.example:8443' },
    { secret, authUrl: 'https://belfry.example' },
  ];
  const names = apps.flatMap((app) => Object.values(cookieNamesOf(app)));
  expect(new Set(names).size).toBe(names.length);
});

test('all instances of one app use the same names, which do not give away the secret', () => {
  const names = cookieNamesOf({ secret, authUrl: 'https://belfry.example' });
  expect(cookieNamesOf({ secret, authUrl: 'https://belfry.example' })).toEqual(names);
  expect(JSON.stringify(names)).not.toContain(secret);
});

test('on an https address all of them begin with __Host-, and nowhere else', () => {
  const namesAt = (authUrl?: string) => Object.values(cookieNamesOf({ secret, authUrl }));
  expect(namesAt('https://belfry.example').every((name) => name.startsWith('__Host-'))).toBe(true);
  for (const name of [...namesAt('http://belfry.example'), ...namesAt()]) expect(name).toMatch(/^belfry-/);
});

test('no name begins another: pieces of a long session are found by how their names begin', () => {
  const names = Object.values(cookieNamesOf({ secret, authUrl: undefined }));
  for (const name of names) expect(names.filter((other) => other.startsWith(name))).toEqual([name]);
});
