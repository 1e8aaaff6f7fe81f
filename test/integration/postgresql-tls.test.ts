/** Encryption of the connection to PostgreSQL, as psql does it, and what is said when none comes about. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { openDatabase } from '../../lib/database/db.ts';
import { migrate } from '../../lib/database/migrations.ts';
import { type Authority, type Certificate, makeAuthority } from '../support/certificates.ts';
import { ask, createDatabase, type PostgresqlServer, startPostgresql } from '../support/postgresql.ts';

let authority: Authority;
let stranger: Authority;
let user: Certificate;
let server: PostgresqlServer;
let expired: PostgresqlServer;
/** Of the server that runs for all tests, which has no TLS. */
let plainUrl: string;

beforeAll(async () => {
  authority = makeAuthority();
  stranger = makeAuthority();
  user = authority.issue('holder');
  const admits = [
    'hostssl all holder 127.0.0.1/32 cert',
    'host all protected 127.0.0.1/32 scram-sha-256',
    'hostnossl all unencrypted 127.0.0.1/32 trust',
  ];
  const start = ({ certificate, key }: Certificate) =>
    startPostgresql({
      settings: {
        ssl: 'on',
        ssl_cert_file: 'server.crt',
        ssl_key_file: 'server.key',
        ssl_ca_file: 'root.crt',
      },
      files: { 'server.crt': certificate, 'server.key': key, 'root.crt': authority.certificate },
      admits,
    });
  [server, expired] = await Promise.all([
    start(authority.issue('localhost')),
    start(authority.issue('localhost', { days: -1 })),
  ]);
  await ask(server.url, "CREATE ROLE holder LOGIN; CREATE ROLE protected LOGIN PASSWORD 'right'");
  await ask(server.url, 'CREATE ROLE full LOGIN; CREATE ROLE unencrypted LOGIN');
  plainUrl = await createDatabase(inject('postgresqlUrl') as string);
}, 60_000);
afterAll(async () => {
  await Promise.all([server?.remove(), expired?.remove()]);
  authority?.remove();
  stranger?.remove();
});

interface Change {
  host?: string;
  user?: string;
  password?: string;
  database?: string;
  [parameter: string]: string | undefined;
}

/** The address of a server with another host, user and so on; the rest are parameters. */
function address(url: string, { host, user: name, password, database, ...parameters }: Change = {}): string {
  const changed = new URL(url);
  if (host) changed.hostname = host;
  if (name) changed.username = name;
  if (password) changed.password = password;
  if (database) changed.pathname = database;
  for (const [parameter, value] of Object.entries(parameters))
    changed.searchParams.set(parameter, value ?? '');
  return changed.href;
}

/** Whether the pool's connections are encrypted, after a start of the app with this address. */
async function isEncrypted(url: string): Promise<boolean> {
  await migrate(url, []);
  const db = openDatabase(url);
  try {
    const [row] = await db.$queryRaw<
      { ssl: boolean }[]
    >`SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()`;
    return row?.ssl ?? false;
  } finally {
    await db.$disconnect();
  }
}

const refusal = (url: string) =>
  migrate(url, []).then(
    () => 'no refusal',
    (error) => String(error.message),
  );

describe('a server with TLS', () => {
  test.each(['allow', 'prefer', 'require'])(
    'is spoken to encrypted with sslmode=%s, whoever signed it',
    async (sslmode) => {
      expect(await isEncrypted(address(server.url, { sslmode }))).toBe(true);
      expect(await isEncrypted(address(expired.url, { sslmode }))).toBe(true);
    },
  );

  test('is spoken to encrypted where the address says nothing of it, and not with sslmode=disable', async () => {
    expect(await isEncrypted(server.url)).toBe(true);
    expect(await isEncrypted(address(server.url, { sslmode: 'disable' }))).toBe(false);
  });

  test('with a private authority is verified: verify-full by its name, verify-ca and require without', async () => {
    const sslrootcert = authority.certificateFile;
    const url = (change: Change) => address(server.url, { sslrootcert, ...change });
    expect(await isEncrypted(url({ sslmode: 'verify-full', host: 'localhost' }))).toBe(true);
    expect(await isEncrypted(url({ sslmode: 'verify-ca' }))).toBe(true);
    expect(await isEncrypted(url({ sslmode: 'require' }))).toBe(true);
    expect(await refusal(url({ sslmode: 'verify-full' }))).toMatch(
      /\(.*for another host name\)\. .*verify-ca/,
    );
  });

  test('signed by somebody else is refused as soon as an authority is named', async () => {
    const unknown = /\(.*an authority that is not known here\)\. .*sslrootcert=/;
    expect(await refusal(address(server.url, { sslmode: 'verify-full', host: 'localhost' }))).toMatch(
      unknown,
    );
    for (const sslmode of ['require', 'verify-ca', 'verify-full']) {
      const sslrootcert = stranger.certificateFile;
      expect(await refusal(address(server.url, { sslmode, sslrootcert, host: 'localhost' }))).toMatch(
        unknown,
      );
    }
  });

  test('whose certificate has expired is refused where it is verified', async () => {
    const sslrootcert = authority.certificateFile;
    expect(await refusal(address(expired.url, { sslmode: 'verify-ca', sslrootcert }))).toMatch(
      /\(the server's certificate has expired\)\. Renew it/,
    );
  });

  test('that asks for a certificate gets that of sslcert and sslkey', async () => {
    const holder = address(await createDatabase(server.url, 'OWNER holder'), { user: 'holder' });
    const { certificateFile: sslcert, keyFile: sslkey } = user;
    expect(await isEncrypted(address(holder, { sslcert, sslkey }))).toBe(true);
    expect(await refusal(holder)).toMatch(/certificate/);
  });

  test('whose authority is in a file that is not there is told so', async () => {
    expect(
      await refusal(address(server.url, { sslmode: 'verify-full', sslrootcert: '/nowhere/ca.crt' })),
    ).toMatch(/\/nowhere\/ca\.crt that sslrootcert in DATABASE_URL names cannot be read \(ENOENT\)/);
  });
});

describe('a server without TLS', () => {
  test.each(['allow', 'prefer', 'disable'])('is spoken to all the same with sslmode=%s', async (sslmode) => {
    expect(await isEncrypted(address(plainUrl, { sslmode }))).toBe(false);
  });

  test('is spoken to all the same where the address says nothing of it', async () => {
    expect(await isEncrypted(plainUrl)).toBe(false);
  });

  test.each(['require', 'verify-full'])('is refused with sslmode=%s', async (sslmode) => {
    expect(await refusal(address(plainUrl, { sslmode }))).toMatch(
      /\(the server does not support SSL\)\. Turn it on/,
    );
  });
});

describe('who is not let in is told why, and how to go on', () => {
  const change = async (given: Change) => refusal(address(server.url, given));

  test.each([
    [
      'a wrong password',
      { user: 'protected', password: 'wrong' },
      /\(the password is wrong\)\. Put the right one/,
    ],
    ['no password', { user: 'protected' }, /\(it asks for a password, and DATABASE_URL has none\)/],
    [
      'a database that is not there',
      { database: 'nowhere' },
      /\(database "nowhere" does not exist\)\. Make it/,
    ],
    [
      'a name that nobody admits',
      { user: 'full' },
      /\(no pg_hba\.conf entry .*\)\. Let the name .* pg_hba\.conf/,
    ],
    [
      'a host that is not known',
      { host: 'nowhere.invalid' },
      /\(the name of its host is not known\)\. Check the host/,
    ],
  ] as [string, Change, RegExp][])('%s', async (_, given, sentence) => {
    expect(await change(given)).toMatch(sentence);
    expect(await change(given)).not.toMatch(/wrong"|belfry:/);
  });

  test('one connection too many', async () => {
    await ask(server.url, 'ALTER ROLE unencrypted CONNECTION LIMIT 0');
    expect(await change({ user: 'unencrypted', sslmode: 'disable' })).toMatch(
      /\(too many connections .*\)\. Raise max_connections/,
    );
  });

  test('a database that keeps text in another encoding', async () => {
    const latin = await createDatabase(server.url, "TEMPLATE template0 ENCODING 'LATIN1'");
    expect(await refusal(latin)).toMatch(/keeps text as LATIN1, .*ENCODING 'UTF8'/);
  });
});
