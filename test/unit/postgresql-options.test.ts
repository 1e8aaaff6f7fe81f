import { describe, expect, test } from 'vitest';
import { postgresqlOptions, withSslDefaults } from '../../lib/database/postgresql-options.ts';

const URL_OF = 'postgresql://belfry:p%40ss@db.internal:5433/belfry';
const options = (query: string) => postgresqlOptions(`${URL_OF}?${query}`);

describe('an address of PostgreSQL', () => {
  test('keeps all that is not about encryption', () => {
    expect(options('sslmode=require&application_name=belfry&uselibpqcompat=true').connectionString).toBe(
      `${URL_OF}?application_name=belfry`,
    );
  });

  test('takes no TLS over a socket of the same machine, whatever it says', () => {
    for (const url of [
      'postgresql:///belfry?host=/var/run/postgresql&sslmode=require',
      'postgresql://%2Fvar%2Frun%2Fpostgresql/belfry',
    ])
      expect(postgresqlOptions(url)).toMatchObject({ ssl: false, takesPlain: false });
  });

  test.each([
    ['', { takesPlain: true, ssl: { rejectUnauthorized: false } }],
    ['sslmode=allow', { takesPlain: true, ssl: { rejectUnauthorized: false } }],
    ['sslmode=require', { takesPlain: false, ssl: { rejectUnauthorized: false } }],
    ['sslmode=no-verify', { takesPlain: false, ssl: { rejectUnauthorized: false } }],
    ['sslmode=verify-full', { takesPlain: false, ssl: { rejectUnauthorized: true } }],
    ['sslrootcert=system', { takesPlain: false, ssl: { rejectUnauthorized: true } }],
    // What node-postgres itself has been told so far.
    ['ssl=true', { takesPlain: false, ssl: { rejectUnauthorized: true } }],
    ['ssl=false', { takesPlain: false, ssl: false }],
  ])('%s', (query, expected) => {
    expect(options(query)).toMatchObject(expected);
  });

  test("takes psql's variables for what it leaves out", () => {
    const defaults = { sslmode: 'verify-full', sslrootcert: '/ca.crt', sslkey: undefined };
    expect(withSslDefaults(`${URL_OF}?sslmode=require`, defaults)).toBe(
      `${URL_OF}?sslmode=require&sslrootcert=%2Fca.crt`,
    );
    expect(withSslDefaults('file:./data/belfry.db', defaults)).toBe('file:./data/belfry.db');
  });
});
