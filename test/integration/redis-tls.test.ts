/** TLS to Redis: by an authority that everybody knows, or by one that NODE_EXTRA_CA_CERTS names. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Authority, makeAuthority } from '../support/certificates.ts';
import { HAS_REDIS, type RedisServer, startRedis } from '../support/redis.ts';

const MODULE = new URL('../../lib/redis/redis.ts', import.meta.url).href;
// Node reads the variable when it starts, so the connection is made by a process of its own.
const PROGRAM = `
  const { connectRedis } = await import(process.argv[2]);
  const failed = (error) => {
    process.stdout.write(error.code ?? error.message);
    process.exit(0);
  };
  const { ready } = connectRedis(process.argv[1], failed);
  const client = await ready;
  process.stdout.write('connected ' + (await client.sPublish('nobody', 'hello')));
  process.exit(0);
`;

describe.skipIf(!HAS_REDIS)('Redis with TLS and a private authority', () => {
  let authority: Authority;
  let server: RedisServer;
  beforeAll(async () => {
    authority = makeAuthority();
    const { certificateFile, keyFile } = authority.issue('localhost');
    const tls = { certificateFile, keyFile, authorityFile: authority.certificateFile };
    server = await startRedis({ tls, password: 'p@ss/word' });
  }, 30_000);
  afterAll(async () => {
    await server?.remove();
    authority?.remove();
  });

  async function connect(url: string, environment: Record<string, string> = {}): Promise<string> {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '-e', PROGRAM, url, MODULE],
      { env: { ...process.env, NODE_OPTIONS: '', ...environment } },
    );
    return stdout;
  }
  const known = () => ({ NODE_EXTRA_CA_CERTS: authority.certificateFile });

  test('is connected to when the authority is named', async () => {
    expect(await connect(server.url, known())).toBe('connected 0');
  });

  test('is refused when nobody knows the authority, or the name is another one', async () => {
    expect(await connect(server.url)).toBe('SELF_SIGNED_CERT_IN_CHAIN');
    expect(await connect(server.url.replace('localhost', '127.0.0.1'), known())).toBe(
      'ERR_TLS_CERT_ALTNAME_INVALID',
    );
  });
});
