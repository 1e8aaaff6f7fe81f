/**
 * Whether the sign-in of an open stream still stands, found out by asking the app again as if its request had just come.
 * So a sign-out that nobody told of ends its streams as well, and so does one that left no trace but in a cookie's
 * own end.
 */
import type { Credentials } from '../engine/event-stream.ts';
import type { Log } from '../log.ts';
import type { Users } from './accounts.ts';
import { credentialsOf } from './authorize.ts';

/** What a stream was asked for with. */
interface Asked {
  url: string;
  headers: [name: string, value: string][];
}

// What apps know people by; all else of a request would only take memory for as long as the stream lasts.
const KNOWN_BY = ['cookie', 'authorization', 'host', 'x-forwarded-proto', 'x-forwarded-host'];
// Each is a question to the app's database, as a rule.
const AT_ONCE = 10;

/** Keeps with the credentials what it takes to ask again. */
export function remember(credentials: Credentials, request: Request): Credentials {
  const headers = KNOWN_BY.flatMap((name): [string, string][] => {
    const value = request.headers.get(name);
    return value === null ? [] : [[name, value]];
  });
  return { ...credentials, info: { url: request.url, headers } satisfies Asked };
}

/** @returns What finds, among the credentials of open streams, those that no longer stand. An app that fails to answer ends none. */
export function createRevalidate(current: NonNullable<Users['current']>, log: Log) {
  async function isEnded(credentials: Credentials): Promise<boolean> {
    const { url, headers } = credentials.info as Asked;
    try {
      const user = await current(new Request(url, { headers }));
      if (!user) return true;
      const now = credentialsOf(user);
      return now.userId !== credentials.userId || now.key !== credentials.key;
    } catch (error) {
      log.error({ err: error, code: 'check_sessions_failed', userId: credentials.userId }, 'failed');
      return false;
    }
  }

  return async (open: Credentials[]): Promise<{ ended: Credentials[]; changed: Credentials[] }> => {
    const ended: Credentials[] = [];
    const left = [...open];
    const ask = async () => {
      for (let next = left.pop(); next; next = left.pop()) if (await isEnded(next)) ended.push(next);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, ask));
    return { ended, changed: [] };
  };
}
