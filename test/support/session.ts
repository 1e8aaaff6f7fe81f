/** Sessions made by hand: the row, and the cookie that names it. */
import { encode } from 'next-auth/jwt';
import { cookieNamesOf } from '../../lib/auth/session-cookie.ts';

/** The row of a session that was begun a moment ago, in a browser that cannot be told from others. */
export function sessionRow(session: { id: string; userId: number }) {
  const now = new Date();
  return { createdAt: now, lastSeenAt: now, address: '127.0.0.1', agent: '', ...session };
}

/** A cookie as the app itself would have made it: name and value, as a request sends them. */
export async function sessionCookie({
  sessionId,
  secret,
  authUrl,
  seconds = 86_400,
}: {
  sessionId: string;
  secret: string;
  /** `NEXTAUTH_URL` of the server, if it has one. */
  authUrl?: string;
  /** How long the cookie itself is good for. */
  seconds?: number;
}): Promise<string> {
  const value = await encode({ token: { sessionId }, secret, maxAge: seconds });
  return `${cookieNamesOf({ secret, authUrl }).session}=${value}`;
}
