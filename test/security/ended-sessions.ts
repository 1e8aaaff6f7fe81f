/** Sessions that end while their streams are open. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Belfry, withBelfry } from '../faults/belfry.ts';
import { type Fault, type Finding, largest, Verdict } from '../faults/fault.ts';
import { openSocket, readRaw, requestText } from '../faults/raw-stream.ts';
import { comesTrue } from '../faults/waiting.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const STREAM_ENDS_MS = 30_000;
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
  happen: (belfry: Belfry, session: Session) => void | Promise<void>;
}

const CASES: readonly Case[] = [
  {
    what: 'revoked',
    userId: 2,
    refusal: 401,
    happen: update('UPDATE user SET session_version = session_version + 1 WHERE id = ?'),
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
  { what: 'password changed', userId: 5, refusal: 401, happen: setPassword },
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
  breaks: 'an admin is revoked, disabled, deleted, demoted, gets a new password, or the session expires',
  bound:
    'admin actions refused at once; the stream of a session that ended is closed within 30 s; others stay',
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
    CASES.map(async ({ what, userId, refusal, againStatus = 401, sessionSeconds, happen }) => {
      const session = await openSession(belfry, userId, sessionSeconds);
      const before = await adminAction(belfry, session.cookie);
      verdict.expect(before === 201, `Before (${what}) an admin's send was answered with ${before}.`);
      await happen(belfry, session);
      const since = performance.now();
      const after = await adminAction(belfry, session.cookie);
      verdict.expect(after === refusal, `Right after (${what}) an admin's send was answered with ${after}.`);
      const isEnded = await comesTrue(() => session.endedAt() !== null, STREAM_ENDS_MS);
      verdict.expectWithin(isEnded, `The stream of a session that was ${what} is open after 30 s.`);
      seconds.push(Math.max(0, (session.endedAt() ?? Number.POSITIVE_INFINITY) - since) / 1_000);
      const again = await readRaw({ port: belfry.port, cookie: session.cookie }, (text) =>
        text.includes('\r\n\r\n'),
      );
      verdict.expect(
        again.startsWith(`HTTP/1.1 ${againStatus}`),
        `A new stream (${what}) was answered with ${again.slice(0, 12)}.`,
      );
      session.close();
    }),
  );
  verdict.expect(untouched.endedAt() === null, 'The stream of somebody else was ended too.');
  verdict.expect((await adminAction(belfry, untouched.cookie)) === 201, 'Somebody else was refused.');
  untouched.close();
  return verdict.finding(
    `${CASES.length} refused at the next request; ${seconds.length} streams ended within ${largest(seconds).toFixed(1)} s`,
  );
}

async function openSession(belfry: Belfry, userId: number, seconds = 3_600): Promise<Session> {
  const cookie = await belfry.cookieOf(userId, { seconds });
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
