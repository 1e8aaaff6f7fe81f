/** A program that sends over HTTP with a token. */
import { createHash, randomBytes } from 'node:crypto';
import { openDatabase } from '../../lib/database/db.ts';
import type { TestServer } from './server.ts';

/** A token as `npm run create-token` makes it. Each has a limit of sends of its own. */
export async function createToken(
  server: TestServer,
  { revoked = false, ...rest }: { revoked?: boolean; scopes?: string; expiresAt?: Date } = {},
): Promise<string> {
  const token = `bf_${randomBytes(32).toString('base64url')}`;
  const db = openDatabase(server.databaseUrl);
  try {
    const tokenHash = createHash('sha256').update(token).digest('hex');
    await db.apiToken.create({
      data: { ...rest, name: 'test', tokenHash, revokedAt: revoked ? new Date() : null },
    });
  } finally {
    await db.$disconnect();
  }
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
  token?: string,
): Promise<number> {
  const body = { title: 'Title', message: 'Message', audience: 'all', ...overrides };
  const response = await sendWith(server, token ?? (await createToken(server)), body);
  if (response.status !== 201)
    throw new Error(`Sending answered ${response.status}: ${await response.text()}`);
  return ((await response.json()) as { id: number }).id;
}
