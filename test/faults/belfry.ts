/** The built app for a fault: a database with users in it, a token that may send, and cookies for all. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { openDatabase } from '../../lib/database/db.ts';
import { migrate } from '../../lib/database/migrations.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { sessionCookie, sessionRow } from '../support/session.ts';
import type { Circumstances } from './fault.ts';
import { atTheEnd } from './leftovers.ts';
import { comesTrue } from './waiting.ts';

const SECRET = 'a secret that only the fault tests use';
/** What may send, and read the metrics. */
export const TOKEN = `bf_${'f'.repeat(43)}`;
const ANSWER_LIMIT_MS = 60_000;
const USERS_AT_ONCE = 500;
const SESSIONS_OF_EACH = 2;

/** A fault asks for more, and faster, than anybody may. */
const NO_LIMITS = {
  SEND_LIMIT_PER_MINUTE: '100000000',
  POLL_LIMIT_PER_MINUTE: '100000000',
  CONNECT_LIMIT_PER_MINUTE: '100000000',
  CHANGE_LIMIT_PER_MINUTE: '100000000',
};

/** The admin among the users. */
export const ADMIN = 1;

export interface Notice {
  title: string;
  message: string;
  audience?: 'all';
  targetUserId?: number;
  priority?: string;
  expiresIn?: number;
  idempotencyKey?: string;
  link?: string;
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** An app that can be spoken to, be it one server or several behind a proxy. */
export interface App {
  readonly url: string;
  /** The cookie of a user's session, as the app itself would have made it: the first one, or another. */
  cookieOf: (userId: number, options?: { seconds?: number; session?: number }) => Promise<string>;
  /** One request. Rejects when no answer comes. */
  ask: (path: string, options?: AskOptions) => Promise<Answer>;
  /** `POST /notifications/send` with the token. */
  send: (notice: Notice) => Promise<Answer>;
  /** The events in the database, read past the app. */
  stored: () => Promise<{ id: number; key: string | null }[]>;
}

export interface Belfry extends App {
  readonly server: TestServer;
  readonly port: number;
  readonly databaseFile: string;
  readonly environment: Record<string, string>;
  /** How many streams the server says are open. */
  streams: () => Promise<number>;
  /** Whether so many streams are open within the time. */
  streamsBecome: (count: number, limitMs?: number) => Promise<boolean>;
  /** Runs one statement on the database from this process, beside the server, and gives its rows. */
  sql: (statement: string, ...values: (string | number | null)[]) => unknown[];
  /** Resident memory of the server, in bytes. */
  residentBytes: () => number;
}

export interface AskOptions {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

export interface BelfryOptions extends Circumstances {
  /** Users 1 to this; user 1 is an admin. */
  users?: number;
  env?: Record<string, string>;
  /** Where the database goes. Default: a new folder. */
  folder?: string;
  /** How many files and connections the server may have open. */
  openFiles?: number;
}

/** Runs work with the app, and stops the app and removes its database afterwards, whatever happened. */
export async function withBelfry<T>(
  options: BelfryOptions,
  work: (belfry: Belfry) => Promise<T>,
): Promise<T> {
  const { users = 10, env = {}, streamPath, openFiles } = options;
  const { folder, remove } = options.folder
    ? { folder: options.folder, remove: () => {} }
    : temporaryFolder();
  const databaseFile = join(folder, 'belfry.db');
  const databaseUrl = `file:${databaseFile}`;
  await prepareDatabase(databaseUrl, users);
  const environment = belfryEnvironment({ databaseUrl, streamPath, env });
  const server = await startServer({ env: environment, openFiles });
  // In case that nobody gets as far as `server.remove`.
  const removeServerFolder = atTheEnd(() =>
    rmSync(dirname(server.databaseFile), { recursive: true, force: true }),
  );
  const agent = new Agent({ keepAlive: true, maxSockets: 200 });
  try {
    return await work(toBelfry({ server, databaseFile, environment, agent }));
  } finally {
    agent.destroy();
    await server.remove();
    removeServerFolder();
    remove();
  }
}

/** The variables that the app runs with here. */
export function belfryEnvironment({
  databaseUrl,
  streamPath,
  env = {},
}: Pick<BelfryOptions, 'streamPath' | 'env'> & { databaseUrl: string }): Record<string, string> {
  return {
    DATABASE_URL: databaseUrl,
    NEXTAUTH_SECRET: SECRET,
    STREAM_PATH: streamPath,
    ...NO_LIMITS,
    BELFRY_DEMO: '0',
    LOG_LEVEL: 'info',
    ...env,
  };
}

/** A folder that is gone at the end. */
export function temporaryFolder(): { folder: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'belfry-fault-'));
  return { folder, remove: atTheEnd(() => rmSync(folder, { recursive: true, force: true })) };
}

/** The id of a user's first or second session. */
export function sessionIdOf(userId: number, session: number): string {
  return `session ${session} of user ${userId}`;
}

/** Makes the database with its users, two sessions of each, and the token, as `npm run create-token` would. */
export async function prepareDatabase(databaseUrl: string, users: number): Promise<void> {
  await migrate(databaseUrl);
  const db = openDatabase(databaseUrl);
  try {
    const ids = Array.from({ length: users }, (_, index) => index + 1);
    for (let at = 0; at < users; at += USERS_AT_ONCE) {
      const some = ids.slice(at, at + USERS_AT_ONCE);
      await db.user.createMany({
        data: some.map((id) => ({
          id,
          email: `user${id}@belfry.test`,
          name: `User ${id}`,
          passwordHash: '-',
          role: id === ADMIN ? 'ADMIN' : 'USER',
        })),
      });
      await db.session.createMany({
        data: some.flatMap((userId) =>
          Array.from({ length: SESSIONS_OF_EACH }, (_, index) =>
            sessionRow({ id: sessionIdOf(userId, index + 1), userId }),
          ),
        ),
      });
    }
    const tokenHash = createHash('sha256').update(TOKEN).digest('hex');
    await db.apiToken.create({ data: { name: 'faults', tokenHash } });
  } finally {
    await db.$disconnect();
  }
}

/** Speaks to the app at `url`, and reads its database beside it. */
export function toApp({ url, databaseUrl, agent }: { url: string; databaseUrl: string; agent: Agent }): App {
  const ask: App['ask'] = (path, options = {}) => answerTo(`${url}${path}`, options, agent);
  return {
    url,
    ask,
    cookieOf: (userId, { seconds = 86_400, session = 1 } = {}) =>
      sessionCookie({ sessionId: sessionIdOf(userId, session), secret: SECRET, seconds }),
    send: (notice) =>
      ask('/notifications/send', {
        method: 'POST',
        headers: { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/json' },
        body: JSON.stringify(notice),
      }),
    stored: async () => {
      const db = openDatabase(databaseUrl);
      try {
        const rows = await db.belfryEvent.findMany({ select: { id: true, idempotencyKey: true } });
        return rows.map(({ id, idempotencyKey: key }) => ({ id: Number(id), key }));
      } finally {
        await db.$disconnect();
      }
    },
  };
}

function toBelfry({
  server,
  databaseFile,
  environment,
  agent,
}: Pick<Belfry, 'server' | 'databaseFile' | 'environment'> & { agent: Agent }): Belfry {
  const app = toApp({ url: server.url, databaseUrl: `file:${databaseFile}`, agent });
  const { url, ask } = app;
  const streams = async () => {
    const { text } = await ask('/api/health');
    return (JSON.parse(text) as { streams: number }).streams;
  };
  return {
    ...app,
    server,
    databaseFile,
    environment,
    streams,
    port: Number(new URL(url).port),
    streamsBecome: (count, limitMs = 5_000) => comesTrue(async () => (await streams()) === count, limitMs),
    sql: (statement, ...values) => {
      const database = new BetterSqlite3(databaseFile, { timeout: 10_000 });
      try {
        const prepared = database.prepare(statement);
        if (prepared.reader) return prepared.all(...values);
        prepared.run(...values);
        return [];
      } finally {
        database.close();
      }
    },
    residentBytes: () => residentBytes(server.pid),
  };
}

function answerTo(url: string, options: AskOptions, agent: Agent): Promise<Answer> {
  const { method = 'GET', headers = {}, body } = options;
  return new Promise<Answer>((resolve, reject) => {
    const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
    const outgoing = request(url, { method, agent, headers: { ...headers, ...length } }, (incoming) => {
      let text = '';
      incoming.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      incoming.on('end', () =>
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text }),
      );
      incoming.on('error', reject);
    });
    outgoing.setTimeout(ANSWER_LIMIT_MS, () => outgoing.destroy(new Error(`${url} did not answer.`)));
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      // The server closed a kept connection just as it was taken up again: the request was never read.
      const wasNeverRead = outgoing.reusedSocket && error.code === 'ECONNRESET';
      if (wasNeverRead) resolve(answerTo(url, options, agent));
      else reject(error);
    });
    outgoing.end(body);
  });
}

function residentBytes(pid: number): number {
  const status = `/proc/${pid}/status`;
  const kibibytes = existsSync(status)
    ? /VmRSS:\s+(\d+)/.exec(readFileSync(status, 'utf8'))?.[1]
    : spawnSync('ps', ['-o', 'rss=', '-p', String(pid)]).stdout.toString();
  return Number(kibibytes) * 1_024;
}

/** The id in a 201. */
export function idOf(answer: Answer): number {
  if (answer.status !== 201) throw new Error(`A send was answered with ${answer.status}: ${answer.text}`);
  return (JSON.parse(answer.text) as { id: number }).id;
}
