// @module-tag once
/** What a press and an answer are worth while instances are killed: each effect happens once, and whoever asked gets the answer. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { type Belfry, createBelfry } from '../../lib/belfry/create-belfry.ts';
import { defineNotification } from '../../lib/belfry/definitions/notification-type.ts';
import { Question } from '../../lib/belfry/definitions/question-type.ts';
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

// As many as press at once on one instance.
const AT_ONCE = 40;

/** Presses on one instance, each again until it is acknowledged, whether the instance is killed meanwhile or refuses for now. */
class Presses {
  readonly #instance: KilledInstance;
  readonly #waiting: object[];
  readonly #under = new Map<number, object>();
  #tag = 0;

  constructor(instance: KilledInstance, presses: readonly object[]) {
    this.#instance = instance;
    this.#waiting = [...presses];
    instance.onLine = ({ tag, ok }) => {
      const press = this.#under.get(tag as number);
      this.#under.delete(tag as number);
      if (press && !ok) this.#waiting.push(press);
      this.goOn();
    };
  }

  get left(): number {
    return this.#waiting.length + this.#under.size;
  }

  goOn(): void {
    while (this.#under.size < AT_ONCE && this.#waiting.length > 0) {
      const press = this.#waiting.shift() as object;
      this.#tag += 1;
      this.#under.set(this.#tag, press);
      this.#instance.tell({ ...press, tag: this.#tag });
    }
  }

  /** Whether what was under way came about is not known. */
  beginAnew(): void {
    this.#waiting.unshift(...this.#under.values());
    this.#under.clear();
    this.goOn();
  }
}

/** Pressed in two tabs on each of two instances at once. */
async function pressAll({ times, kills }: { times: number; kills: number }): Promise<void> {
  const presses: object[] = [];
  for (let n = 0; n < times; n += 1) {
    const { id } = await belfry.notify(Invitation, { to: { users: PEOPLE }, payload: {} });
    // Of those that went to the two people at once the second has the next id.
    for (const [at, by] of PEOPLE.entries()) presses.push({ press: (id as number) + at, by });
  }
  const both = await Promise.all(
    [1, 2].map(async () => {
      const instance = await new KilledInstance(testDatabase.url).start();
      return { instance, presses: new Presses(instance, [...presses, ...presses]) };
    }),
  );
  for (const one of both) one.presses.goOn();
  const left = () => both.reduce((sum, one) => sum + one.presses.left, 0);
  const total = left();
  for (let kill = 1; kill <= kills; kill += 1) {
    const { instance, presses: under } = both[kill % 2] as (typeof both)[number];
    const enough = total - Math.floor((total * kill) / (kills + 1));
    await until(() => left() <= enough, 100_000);
    await instance.kill();
    await instance.start();
    under.beginAnew();
  }
  await until(() => left() === 0, 100_000);
}

/** How often each effect happened. */
const effects = () =>
  database.query<{ happened: number; times: number }>(sql`
    SELECT happened, COUNT(*) AS times FROM (
      SELECT COUNT(*) AS happened FROM effect GROUP BY event_id, user_id) counted
    GROUP BY happened`);

for (const [given, tags] of [
  [{ times: 10, kills: 2 }, []],
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

for (const { redis, tags } of [
  { redis: 'away', tags: [] },
  { redis: 'not used', tags: ['long'] },
]) {
  test(`a program that asked, and was killed and started again while the answer came, gets it, with Redis ${redis}`, {
    tags,
    timeout: 60_000,
  }, async () => {
    const given = redis === 'away' ? [`redis://127.0.0.1:${await freePort()}`] : [];
    const answers: unknown[] = [];
    const asking = await new KilledInstance(testDatabase.url, ...given).start();
    asking.onLine = (line) => answers.push(line);
    const answer = expect.objectContaining({ action: 'yes', by: 'carl' });
    asking.tell({ ask: 'first', to: 'carl' });
    const item = await nextItem(1);
    const killed = asking.kill();
    await belfry.notifications.act({ userId: 'carl', id: item, action: 'yes' });
    await killed;
    expect(answers).toEqual([]);
    await asking.start();
    asking.tell({ ask: 'first', to: 'carl' });
    await until(() => answers.length === 1, 15_000);
    expect(answers).toEqual([{ key: 'first', answer }]);
    // It waits now, and nothing but the database tells of the answer.
    asking.tell({ ask: 'second', to: 'carl' });
    await belfry.notifications.act({ userId: 'carl', id: await nextItem(2), action: 'yes' });
    await until(() => answers.length === 2, 15_000);
    expect(answers[1]).toEqual({ key: 'second', answer });
    // Whoever asks elsewhere with the same key has it as well, and nothing is asked again.
    const payload = { title: 'Go?', options: [{ name: 'yes', label: 'Yes' }] };
    expect(await belfry.ask(Question, { to: { user: 'carl' }, payload, key: 'first' })).toEqual(answer);
    expect(await testDatabase.db.belfryQuestion.count()).toBe(2);
  });
}

/** The newest item of whoever is asked, once they have so many. */
async function nextItem(count: number): Promise<number> {
  await until(async () => (await itemsOf('carl')).length === count);
  return (await itemsOf('carl'))[0]?.id as number;
}

const itemsOf = async (userId: string) => (await belfry.notifications.fetchPage({ userId })).notifications;
