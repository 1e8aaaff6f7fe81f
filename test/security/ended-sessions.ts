/** Sessions that end while their streams are open. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Belfry, sessionIdOf, withBelfry } from '../faults/belfry.ts';
import { type Fault, type Finding, largest, Verdict } from '../faults/fault.ts';
import { openSocket, readRaw, requestText } from '../faults/raw-stream.ts';
import { comesTrue } from '../faults/waiting.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
// For what leaves no trace in the table of sessions.
const STREAM_ENDS_MS = 30_000;
const STREAM_OF_ENDED_SESSION_ENDS_MS = 2_000;
const EXPIRES_AFTER_SECONDS = 15;
const UNTOUCHED = 9;
const LAST_CHUNK = Buffer.from('0\r\n\r\n');

/** An admin with a stream open. */
interface Session {
  userId: number;
  cookie: string;
  /** When the stream was ended, by `performance.now()`; null while it is open. */
  endedAt: () => number | null;
  close: () => void;
}

interface Case {
  what: string;
  userId: number;
  /** What an admin's action is answered with right afterwards. */
  refusal: 401 | 403;
  /** What a new stream with the same session is answered with. Default 401. */
  againStatus?: 200 | 401;
  sessionSeconds?: number;
  /** The session itself was ended, this one alone, and nothing about its account: what follows is quick. */
  isThisSession?: true;
  /** The same for all sessions of the person. */
  isAllSessions?: true;
  happen: (belfry: Belfry, session: Session) => void | Promise<void>;
}

const CASES: readonly Case[] = [
  { what: 'signed out', userId: 2, refusal: 401, isThisSession: true, happen: signOut },
  {
    what: 'ended by an operator',
    userId: 8,
    refusal: 401,
    isThisSession: true,
    happen: (belfry, { userId }) => {
      belfry.sql('UPDATE session SET ended_at = ? WHERE id = ?', Date.now(), sessionIdOf(userId, 1));
    },
  },
  {
    what: 'unused for 30 days',
    userId: 10,
    refusal: 401,
    happen: (belfry, { userId }) => {
      const then = Date.now() - 30 * 24 * 60 * 60_000;
      belfry.sql('UPDATE session SET last_seen_at = ? WHERE id = ?', then, sessionIdOf(userId, 1));
    },
  },
  {
    what: 'disabled',
    userId: 3,
    refusal: 401,
    happen: update('UPDATE user SET disabled_at = 1 WHERE id = ?'),
  },
  {
    what: 'deleted',
    userId: 4,
    refusal: 401,
    happen: update('DELETE FROM user WHERE id = ?'),
  },
  { what: 'given a new password', userId: 5, refusal: 401, isAllSessions: true, happen: setPassword },
  {
    what: 'expired',
    userId: 6,
    refusal: 401,
    sessionSeconds: EXPIRES_AFTER_SECONDS,
    happen: async (belfry, { cookie }) => {
      const isOver = async () =>
        (await belfry.ask('/notifications/poll', { headers: { Cookie: cookie } })).status === 401;
      await comesTrue(isOver, EXPIRES_AFTER_SECONDS * 2_000);
    },
  },
  {
    what: 'demoted',
    userId: 7,
    refusal: 403,
    againStatus: 200,
    happen: update("UPDATE user SET role = 'USER' WHERE id = ?"),
  },
];

export const endedSessions: Fault = {
  name: 'ended-sessions',
  breaks:
    'an admin signs out, is disabled, deleted, demoted, gets a new password, or the session is ended or expires; copies of the cookie are kept',
  bound:
    'every copy is refused at once; the stream of a session that was ended is closed within 2 s, any other within 30 s; other sessions of the same person, and of others, stay',
  runs: 'beside',
  limitSeconds: { short: 120, full: 120 },
  dependsOnStreamPath: true,
  take: (circumstances) => withBelfry(circumstances, take),
};

async function take(belfry: Belfry): Promise<Finding> {
  const verdict = new Verdict();
  belfry.sql("UPDATE user SET role = 'ADMIN'");
  const untouched = await openSession(belfry, UNTOUCHED);
  const seconds: number[] = [];
  await Promise.all(
    CASES.map(async ({ what, userId, refusal, againStatus = 401, sessionSeconds, happen, ...reach }) => {
      const session = await openSession(belfry, userId, { seconds: sessionSeconds });
      const other = await openSession(belfry, userId, { session: 2 });
      const limit =
        reach.isThisSession || reach.isAllSessions ? STREAM_OF_ENDED_SESSION_ENDS_MS : STREAM_ENDS_MS;
      const before = await adminAction(belfry, session.cookie);
      verdict.expect(before === 201, `Before (${what}) an admin's send was answered with ${before}.`);
      await happen(belfry, session);
      const since = performance.now();
      const after = await adminAction(belfry, session.cookie);
      verdict.expect(after === refusal, `Right after (${what}) an admin's send was answered with ${after}.`);
      const isEnded = await comesTrue(() => session.endedAt() !== null, limit);
      verdict.expectWithin(
        isEnded,
        `The stream of a session that was ${what} is open after ${limit / 1_000} s.`,
      );
      seconds.push(Math.max(0, (session.endedAt() ?? Number.POSITIVE_INFINITY) - since) / 1_000);
      const again = await readRaw({ port: belfry.port, cookie: session.cookie }, (text) =>
        text.includes('\r\n\r\n'),
      );
      verdict.expect(
        again.startsWith(`HTTP/1.1 ${againStatus}`),
        `A new stream (${what}) was answered with ${again.slice(0, 12)}.`,
      );
      if (reach.isThisSession) {
        verdict.expect(
          other.endedAt() === null,
          `Another stream of the same person (${what}) was ended too.`,
        );
        const status = await adminAction(belfry, other.cookie);
        verdict.expect(
          status === 201,
          `Another session of the same person (${what}) was answered with ${status}.`,
        );
      }
      if (reach.isAllSessions) {
        const areAllEnded = await comesTrue(() => other.endedAt() !== null, limit);
        verdict.expectWithin(areAllEnded, `Another stream of the same person (${what}) stayed open.`);
      }
      session.close();
      other.close();
    }),
  );
  verdict.expect(untouched.endedAt() === null, 'The stream of somebody else was ended too.');
  verdict.expect((await adminAction(belfry, untouched.cookie)) === 201, 'Somebody else was refused.');
  untouched.close();
  return verdict.finding(
    `${CASES.length} refused at the next request; ${seconds.length} streams ended within ${largest(seconds).toFixed(1)} s`,
  );
}

async function openSession(
  belfry: Belfry,
  userId: number,
  { seconds = 3_600, session = 1 }: { seconds?: number | undefined; session?: number } = {},
): Promise<Session> {
  const cookie = await belfry.cookieOf(userId, { seconds, session });
  const socket = await openSocket(belfry.port);
  let endedAt: number | null = null;
  const ended = () => {
    endedAt ??= performance.now();
  };
  socket.once('close', ended);
  // The answer ends with an empty chunk; the connection itself is kept a few seconds longer.
  socket.on('data', (data: Buffer) => {
    if (data.toString('latin1').endsWith('\r\n0\r\n\r\n') || data.equals(LAST_CHUNK)) ended();
  });
  socket.write(requestText({ cookie }));
  await once(socket, 'data');
  return { userId, cookie, endedAt: () => endedAt, close: () => socket.destroy() };
}

/** The status of what only an admin may do. */
async function adminAction(belfry: Belfry, cookie: string): Promise<number> {
  const { status } = await belfry.ask('/notifications/send', {
    method: 'POST',
    headers: { Cookie: cookie, Origin: belfry.url, 'Content-Type': 'application/json' },
    body: JSON.stringify({ title: 'From an admin', message: 'To all.', audience: 'all' }),
  });
  return status;
}

function update(statement: string): Case['happen'] {
  return (belfry, { userId }) => {
    belfry.sql(statement, userId);
  };
}

/** As a page does it. */
async function signOut(belfry: Belfry, { cookie }: Session): Promise<void> {
  const csrf = await belfry.ask('/api/auth/csrf');
  const [csrfCookie = ''] = csrf.headers['set-cookie']?.[0]?.split(';') ?? [];
  const { csrfToken } = JSON.parse(csrf.text) as { csrfToken: string };
  const { status } = await belfry.ask('/api/auth/signout', {
    method: 'POST',
    headers: {
      Cookie: `${cookie}; ${csrfCookie}`,
      Origin: belfry.url,
      'Content-Type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ csrfToken, json: 'true' }).toString(),
  });
  if (status !== 200) throw new Error(`Signing out was answered with ${status}.`);
}

/** As an operator does it. */
async function setPassword(belfry: Belfry, { userId }: Session): Promise<void> {
  const script = ['scripts/set-password.ts', '--email', `user${userId}@belfry.test`];
  const child = spawn(process.execPath, script, {
    cwd: ROOT,
    env: { ...process.env, ...belfry.environment },
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  child.stdin.end('another password than before\n');
  await once(child, 'exit');
  if (child.exitCode !== 0) throw new Error('The password could not be set.');
}
