/** What a press and an answer are worth while instances are killed: each effect happens once, and whoever asked gets the answer. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { type Belfry, createBelfry } from '../../lib/belfry/create-belfry.ts';
import { defineNotification } from '../../lib/belfry/definitions/notification-type.ts';
import { type SqlDatabase, sql } from '../../lib/belfry/storage/database.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { NO_LOG, portOf, until } from '../support/engine.ts';
import { freePort } from '../support/free-port.ts';

const INSTANCE = fileURLToPath(new URL('../support/asking-instance.ts', import.meta.url));
const PEOPLE = ['ada', 'ben'];
// The same as the instances have, but for what it does: this one only sends.
const Invitation = defineNotification({
  name: 'Invitation',
  payload: z.object({}),
  render: () => ({ title: 'Come' }),
});

let testDatabase: TestDatabase;
let database: SqlDatabase;
let belfry: Belfry;
let instances: KilledInstance[];

beforeEach(async () => {
  testDatabase = await freshDatabase();
  database = portOf(testDatabase.db);
  await database.execute(sql`CREATE TABLE effect (event_id INTEGER NOT NULL, user_id TEXT NOT NULL)`);
  belfry = createBelfry({ database, types: [Invitation], log: NO_LOG });
  await belfry.start();
  instances = [];
});
afterEach(async () => {
  await Promise.all(instances.map((instance) => instance.kill()));
  await belfry.shutdown();
  await testDatabase.remove();
});

/** One of several instances; it comes back whenever it was killed. */
class KilledInstance {
  readonly #arguments: string[];
  #child: ChildProcess | null = null;
  /** Told of every line that it says. */
  onLine: (line: Record<string, unknown>) => void = () => {};

  constructor(...given: string[]) {
    this.#arguments = given;
    instances.push(this);
  }

  async start(): Promise<this> {
    const child = spawn(process.execPath, [INSTANCE, ...this.#arguments], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, NODE_NO_WARNINGS: '1' },
    });
    this.#child = child;
    child.stdin.on('error', () => {});
    const { promise: ready, resolve } = Promise.withResolvers<void>();
    createInterface({ input: child.stdout }).on('line', (text) => {
      const line = JSON.parse(text);
      if (line.ready) resolve();
      else this.onLine(line);
    });
    await ready;
    return this;
  }

  tell(line: object): void {
    this.#child?.stdin?.write(`${JSON.stringify(line)}\n`);
  }

  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }
}

/** Pressed in two tabs on two instances at once; a press that was not answered is made again. */
async function pressAll({ times, kills }: { times: number; kills: number }): Promise<void> {
  const ids: number[] = [];
  for (let n = 0; n < times; n += 1) {
    const { id } = await belfry.notify(Invitation, { to: { users: PEOPLE }, payload: {} });
    ids.push(id as number);
  }
  const both = await Promise.all([1, 2].map(() => new KilledInstance(testDatabase.url).start()));
  // Of those that went to each of the two people at once the second has the next id.
  const presses = ids.flatMap((id) => PEOPLE.map((by, at) => ({ press: id + at, by })));
  const unanswered = new Map<number, { of: KilledInstance; line: object }>();
  for (const instance of both)
    instance.onLine = ({ tag, ok }) => void (ok && unanswered.delete(tag as number));
  let tag = 0;
  for (const press of presses) {
    for (const of of [...both, ...both]) {
      tag += 1;
      unanswered.set(tag, { of, line: { ...press, tag } });
    }
  }
  const tell = (of?: KilledInstance) => {
    for (const one of unanswered.values()) if (!of || one.of === of) one.of.tell(one.line);
  };
  tell();
  const total = unanswered.size;
  for (let kill = 1; kill <= kills; kill += 1) {
    const instance = both[kill % 2] as KilledInstance;
    const enough = total - Math.floor((total * kill) / (kills + 1));
    await until(() => unanswered.size <= enough, 100_000);
    await instance.kill();
    await instance.start();
    tell(instance);
  }
  await until(() => {
    // What met a busy database was refused, and is pressed again.
    tell();
    return sleep(500).then(() => unanswered.size === 0);
  }, 100_000);
}

/** How often each effect happened. */
const effects = () =>
  database.query<{ happened: number; times: number }>(sql`
    SELECT happened, COUNT(*) AS times FROM (
      SELECT COUNT(*) AS happened FROM effect GROUP BY event_id, user_id) counted
    GROUP BY happened`);

for (const [given, tags] of [
  [{ times: 20, kills: 2 }, []],
  [{ times: 500, kills: 10 }, ['long']],
] as const) {
  test(`what is pressed in two tabs, on two instances, with ${given.kills} kills in between, happens once, ${given.times * 2} times over`, {
    tags: [...tags],
    timeout: 240_000,
  }, async () => {
    await pressAll(given);
    expect((await effects()).map(({ happened, times }) => [Number(happened), Number(times)])).toEqual([
      [1, given.times * 2],
    ]);
    const items = await testDatabase.db.belfryEventReceipt.count({ where: { actedWith: 'accept' } });
    expect(items).toBe(given.times * 2);
  });
}

test('a program that asked, and was killed and started again while the answer came, gets it; with Redis away as well', async () => {
  const away = `redis://127.0.0.1:${await freePort()}`;
  for (const [round, given] of [[testDatabase.url], [testDatabase.url, away]].entries()) {
    const answers: unknown[] = [];
    const asking = new KilledInstance(...given);
    const answering = new KilledInstance(...given);
    asking.onLine = (line) => answers.push(line);
    await Promise.all([asking.start(), answering.start()]);
    const user = `carl ${round}`;
    const ask = { ask: `round ${round}`, to: user };
    asking.tell(ask);
    await until(async () => (await itemsOf(user)).length > 0);
    const [item] = await itemsOf(user);
    const killed = asking.kill();
    await belfry.notifications.act({ userId: user, id: item?.id as number, action: 'yes' });
    await killed;
    expect(answers).toEqual([]);
    await asking.start();
    asking.tell(ask);
    // Whoever asks elsewhere with the same key has it as well.
    answering.onLine = (line) => answers.push(line);
    answering.tell(ask);
    await until(() => answers.length === 2, 15_000);
    const answer = expect.objectContaining({ action: 'yes', by: user });
    expect(answers).toEqual([
      { key: ask.ask, answer },
      { key: ask.ask, answer },
    ]);
    // It waits now, and nothing but the database tells of the answer.
    const next = { ask: `round ${round} again`, to: user };
    asking.tell(next);
    await until(async () => (await itemsOf(user)).length === 2);
    await belfry.notifications.act({
      userId: user,
      id: (await itemsOf(user))[0]?.id as number,
      action: 'yes',
    });
    await until(() => answers.length === 3, 15_000);
    expect(answers[2]).toEqual({ key: next.ask, answer });
  }
  expect(await testDatabase.db.belfryQuestion.count()).toBe(4);
});

const itemsOf = async (userId: string) => (await belfry.notifications.fetchPage({ userId })).notifications;
