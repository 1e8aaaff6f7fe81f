import { expect, test } from 'vitest';
import { parseSentinelUrl } from '../../lib/redis/redis-url.ts';

test('an address of sentinels names them, the master, and what the servers behind them ask for', () => {
  expect(parseSentinelUrl('redis+sentinel://one:26380,two,[::1]:5/main')).toEqual({
    masterName: 'main',
    isEncrypted: false,
    sentinels: [
      { host: 'one', port: 26380 },
      { host: 'two', port: 26379 },
      { host: '::1', port: 5 },
    ],
  });
  expect(parseSentinelUrl('rediss+sentinel://belfry:p%40ss%3A%2F@one/main')).toMatchObject({
    isEncrypted: true,
    username: 'belfry',
    password: 'p@ss:/',
  });
  expect(parseSentinelUrl('redis+sentinel://:secret@one/main')).not.toHaveProperty('username');
});

test.each([
  'redis://one/main',
  'redis+sentinel://one',
  'redis+sentinel://one/',
  'redis+sentinel:///main',
  'redis+sentinel://one,,two/main',
  'redis+sentinel://one:port/main',
  'redis+sentinel://:%zz@one/main',
])('%s is none', (url) => {
  expect(parseSentinelUrl(url)).toBeNull();
});
