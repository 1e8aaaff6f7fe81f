/** A program that sends over HTTP with a token. */
import { createHash, randomBytes } from 'node:crypto';
import BetterSqlite3 from 'better-sqlite3';
import type { TestServer } from './server.ts';

/** A token as `npm run create-token` makes it. Each has a limit of sends of its own. */
export function createToken(server: TestServer, { revoked = false } = {}): string {
  const token = `bf_${randomBytes(32).toString('base64url')}`;
  const connection = new BetterSqlite3(server.databaseFile, { timeout: 5_000 });
  connection
    .prepare('INSERT INTO api_token (name, token_hash, created_at, revoked_at) VALUES (?, ?, ?, ?)')
    .run('test', createHash('sha256').update(token).digest('hex'), Date.now(), revoked ? Date.now() : null);
  connection.close();
  return token;
}

/** POST of a body, as it is or as JSON. */
export function sendWith(
  server: TestServer,
  token: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${server.url}/notifications/send`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}`, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

/** Sends a notification, to everybody unless told otherwise. Resolves to its id, once it is acknowledged. */
export async function sendNotification(
  server: TestServer,
  overrides: Record<string, unknown> = {},
  token = createToken(server),
): Promise<number> {
  const body = { title: 'Title', message: 'Message', audience: 'all', ...overrides };
  const response = await sendWith(server, token, body);
  if (response.status !== 201)
    throw new Error(`Sending answered ${response.status}: ${await response.text()}`);
  return ((await response.json()) as { id: number }).id;
}
