/** Another process holds the database's write lock for ten seconds. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, type Belfry, withBelfry } from './belfry.ts';
import { openClients } from './client.ts';
import { type Fault, type Finding, largest, Verdict } from './fault.ts';
import { comesTrue } from './waiting.ts';

const LOCKED_MS = 10_000;
// A heartbeat is to fall into the middle of the lock.
const BEAT_EVERY_MS = 15_000;
const BEFORE_BEAT_MS = 5_000;
const SEND_EVERY_MS = 200;
const ASK_EVERY_MS = 50;
const LONGEST_GAP_MS = 1_000;
const READER = 2;
const LATE_READER = 3;

interface Sent {
  answer: Answer;
  milliseconds: number;
}

export const lockedDatabase: Fault = {
  name: 'locked-database',
  breaks: 'another process holds the write lock for 10 s',
  bound:
    'a send answers 503 with Retry-After or succeeds late; heartbeat and HTTP gaps under 1 s; nothing acknowledged lost; all well afterwards',
  runs: 'beside',
  limitSeconds: { short: 90, full: 90 },
  dependsOnStreamPath: true,
  // It says then when it started, and from there heartbeats are counted.
  take: (circumstances) => withBelfry({ ...circumstances, env: { LOG_LEVEL: 'debug' } }, take),
};

async function take(belfry: Belfry): Promise<Finding> {
  const verdict = new Verdict();
  const [client] = await openClients(belfry, [READER]);
  if (!client) throw new Error('No client was made.');
  verdict.expect(await comesTrue(() => client.isOpen, 10_000), 'The client did not connect.');
  // Whatever the first requests load and compile is not the lock's doing.
  await send(belfry);
  const cookie = await belfry.cookieOf(READER);
  await askWhileOpen(belfry, cookie, sleep(500));

  await sleep(timeToLock(belfry));
  const { released } = await lock(belfry);
  const [late] = await openClients(belfry, [LATE_READER]);
  const sends: Promise<Sent>[] = [];
  const sender = setInterval(() => sends.push(send(belfry)), SEND_EVERY_MS);
  const [gaps, cameInTime] = await Promise.all([
    askWhileOpen(belfry, cookie, released),
    comesTrue(() => late?.isOpen === true && late.unreadTotal > 0, LONGEST_GAP_MS),
  ]);
  clearInterval(sender);
  const sent = await Promise.all(sends);

  const accepted = sent.filter(({ answer }) => answer.status === 201);
  const refused = sent.filter(({ answer }) => answer.status === 503);
  verdict.expectWithin(cameInTime, 'Who came meanwhile was not given the backlog within 1 s.');
  verdict.expect(accepted.length + refused.length === sent.length, `Answers: ${statusesOf(sent)}.`);
  verdict.expect(
    refused.every(({ answer }) => Number(answer.headers['retry-after']) > 0),
    'A 503 came without Retry-After.',
  );
  verdict.expectWithin(largest(gaps) < LONGEST_GAP_MS, `An answer took ${largest(gaps).toFixed(0)} ms.`);
  const beats = client.heartbeats.filter((at) => at > 0);
  const lateBeat = largest(beats.map((at) => at - expectedBeat(belfry, at)));
  verdict.expect(beats.length > 0, 'No heartbeat came, so none was tried.');
  verdict.expectWithin(lateBeat < LONGEST_GAP_MS, `A heartbeat was ${lateBeat.toFixed(0)} ms late.`);

  const ids = accepted.map(({ answer }) => (JSON.parse(answer.text) as { id: number }).id);
  const after = await send(belfry);
  verdict.expect(after.answer.status === 201, `Afterwards a send was answered with ${after.answer.status}.`);
  verdict.expectWithin(
    after.milliseconds < LONGEST_GAP_MS,
    `Afterwards a send took ${after.milliseconds} ms.`,
  );
  const stored = new Set((belfry.sql('SELECT id FROM belfry_event') as { id: number }[]).map(({ id }) => id));
  const lost = ids.filter((id) => !stored.has(id)).length;
  verdict.expect(lost === 0, `${lost} acknowledged rows are lost.`);
  // The one before and the one after.
  const surplus = stored.size - ids.length - 2;
  verdict.expect(surplus === 0, `${surplus} rows were stored although they were refused.`);
  verdict.expect(
    await comesTrue(() => client.known.size === stored.size && late?.known.size === stored.size, 10_000),
    `The clients know ${client.known.size} and ${late?.known.size} of ${stored.size}.`,
  );
  verdict.expect(client.openedAt.length === 1, 'The stream was interrupted.');
  client.close();
  late?.close();
  return verdict.finding(
    `${accepted.length} late, ${refused.length} answered 503, ${lost} lost; heartbeat ${lateBeat.toFixed(0)} ms late, HTTP gap ${largest(gaps).toFixed(0)} ms`,
  );
}

async function send(belfry: Belfry): Promise<Sent> {
  const since = performance.now();
  const answer = await belfry.send({ title: 'In a locked database', message: 'Or not.', audience: 'all' });
  return { answer, milliseconds: performance.now() - since };
}

/** Asks for the head of a stream again and again, without waiting for the answer before; how long each took. */
async function askWhileOpen(belfry: Belfry, cookie: string, until: Promise<unknown>): Promise<number[]> {
  const answers: Promise<number>[] = [];
  const timer = setInterval(() => {
    const since = performance.now();
    const asked = belfry.ask('/sse/SystemNotification', { method: 'HEAD', headers: { Cookie: cookie } });
    answers.push(asked.then(() => performance.now() - since));
  }, ASK_EVERY_MS);
  await until;
  clearInterval(timer);
  return Promise.all(answers);
}

/** The time from now until shortly before a heartbeat. They are counted from the start of the manager. */
function timeToLock(belfry: Belfry): number {
  const now = performance.now();
  const next = startedAt(belfry) + BEAT_EVERY_MS * Math.ceil((now - startedAt(belfry)) / BEAT_EVERY_MS);
  const wait = next - BEFORE_BEAT_MS - now;
  return wait > 0 ? wait : wait + BEAT_EVERY_MS;
}

/** When the heartbeat nearest to `at` was due, by `performance.now()`. */
function expectedBeat(belfry: Belfry, at: number): number {
  const since = at - startedAt(belfry);
  return startedAt(belfry) + BEAT_EVERY_MS * Math.max(1, Math.round(since / BEAT_EVERY_MS));
}

/** When the app said that it runs, by `performance.now()`. */
function startedAt(belfry: Belfry): number {
  const line = belfry.server
    .log()
    .split('\n')
    .find((text) => text.includes('"notifications are running"'));
  if (!line) throw new Error('The app did not log when it started.');
  const { time } = JSON.parse(line) as { time: string };
  return Date.parse(time) - performance.timeOrigin;
}

/** A child takes the lock; `released` resolves when it has let it go. */
async function lock(belfry: Belfry): Promise<{ released: Promise<unknown> }> {
  const driver = createRequire(import.meta.url).resolve('better-sqlite3');
  const program = `
    const database = new (require(${JSON.stringify(driver)}))(${JSON.stringify(belfry.databaseFile)}, { timeout: 5000 });
    database.exec('BEGIN IMMEDIATE');
    process.stdout.write('locked');
    setTimeout(() => { database.exec('ROLLBACK'); database.close(); }, ${LOCKED_MS});`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const released = once(child, 'exit');
  await once(child.stdout, 'data');
  return { released };
}

function statusesOf(sent: readonly Sent[]): string {
  return [...new Set(sent.map(({ answer }) => `${answer.status} ${answer.text.slice(0, 120)}`))].join(', ');
}
