/** The port to the database, filled in every way there is: all keep the same promises. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type SqlDatabase, sql, toDate, toNumber } from '../../lib/belfry/storage/database.ts';
import { type FilledDatabase, filledDatabase } from '../support/database.ts';
import { DIALECT } from '../support/empty-database.ts';
import { fillingsOn } from '../support/fillings.ts';
import { holdWrites } from '../support/held-database.ts';

describe.each(fillingsOn(DIALECT))('the port on $name', (filling) => {
  const { open, isAlone = false } = filling;
  let filled: FilledDatabase;
  let port: SqlDatabase;
  beforeAll(async () => {
    filled = await filledDatabase(filling);
    port = filled.port;
  });
  afterAll(() => filled.remove());
  beforeEach(async () => {
    await port.execute(sql`DELETE FROM belfry_topic`);
  });

  const names = async () =>
    (await port.query<{ name: string }>(sql`SELECT name FROM belfry_topic ORDER BY name`)).map(
      ({ name }) => name,
    );
  const add = (runner: Pick<SqlDatabase, 'execute'>, name: string) =>
    runner.execute(sql`INSERT INTO belfry_topic (name) VALUES (${name})`);

  test('values come back as they went in: text, whole numbers, times, nothing', async () => {
    const at = new Date(Date.UTC(2030, 0, 1, 12, 30, 15, 123));
    const text = "it's “quoted”; \\ \n 🔔 \u2028 ?";
    await port.execute(sql`DELETE FROM belfry_event`);
    const changed = await port.execute(sql`
      INSERT INTO belfry_event (id, event_type, priority, payload, created_at, expires_at, sent_by)
      VALUES (${2 ** 40}, 'Note', ${3}, '{}', ${at}, ${null}, ${text})`);
    const [row] = await port.query<Record<string, never>>(sql`
      SELECT id, priority, created_at, expires_at, sent_by, target_userid, (SELECT MAX(created_at) FROM belfry_event) AS latest
      FROM belfry_event WHERE created_at >= ${at} AND created_at < ${new Date(at.getTime() + 1)}`);
    expect(changed).toBe(1);
    expect([toNumber(row?.id), toNumber(row?.priority)]).toEqual([2 ** 40, 3]);
    expect([toDate(row?.created_at), toDate(row?.latest), toDate(row?.expires_at)]).toEqual([at, at, null]);
    expect([row?.sent_by, row?.target_userid]).toEqual([text, null]);
  });

  test('it says how many rows a statement concerned', async () => {
    await add(port, 'one');
    await add(port, 'two');
    expect(await port.execute(sql`UPDATE belfry_topic SET name = name`)).toBe(2);
    expect(await port.execute(sql`DELETE FROM belfry_topic WHERE name = 'three'`)).toBe(0);
  });

  test('a transaction commits when its work resolves, and is as if it never was when it rejects', async () => {
    expect(
      await port.transaction(async (tx) => {
        await add(tx, 'kept');
        return 'done';
      }),
    ).toBe('done');
    const failing = port.transaction(async (tx) => {
      await add(tx, 'gone');
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    const refused = port.transaction(async (tx) => {
      await add(tx, 'gone too');
      await add(tx, 'kept');
    });
    await expect(refused).rejects.toThrow();
    expect(await names()).toEqual(['kept']);
    // Nothing is left open.
    await port.transaction((tx) => add(tx, 'later'));
    expect(await names()).toEqual(['kept', 'later']);
  });

  test('many transactions at once each see what they wrote, and all are there afterwards', async () => {
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        port.transaction(async (tx) => {
          await add(tx, `topic ${n}`);
          const own = await tx.query(sql`SELECT id FROM belfry_topic WHERE name = ${`topic ${n}`}`);
          expect(own).toHaveLength(1);
        }),
      ),
    );
    expect(await names()).toHaveLength(20);
  });

  test.skipIf(isAlone)(
    "the caller's own transaction commits and rolls back what was done within it",
    async () => {
      await filled.transact((tx) => add(port.within(tx), 'kept'));
      await expect(
        filled.transact((tx) => add(port.within(tx), 'gone'), { rollsBack: true }),
      ).rejects.toThrow('changed my mind');
      expect(await names()).toEqual(['kept']);
    },
  );

  test.skipIf(isAlone)("the caller's own transaction may be on another connection", async () => {
    const other = open(filled.url);
    await other.transact((tx) => add(port.within(tx), 'kept'));
    await expect(other.transact((tx) => add(port.within(tx), 'gone'), { rollsBack: true })).rejects.toThrow(
      'changed my mind',
    );
    await other.close();
    expect(await names()).toEqual(['kept']);
  });

  test.skipIf(isAlone)(
    'what is written beside a transaction of the app that is open stays when that is rolled back',
    async () => {
      let beside: Promise<unknown> | undefined;
      const failing = filled.transact(
        async (tx) => {
          await add(port.within(tx), 'gone');
          beside = add(port, 'kept');
          // Long enough that it would have happened, were it not made to wait.
          await new Promise((resolve) => setTimeout(resolve, 50));
        },
        { rollsBack: true },
      );
      await expect(failing).rejects.toThrow('changed my mind');
      await beside;
      expect(await names()).toEqual(['kept']);
    },
  );

  test.skipIf(isAlone)(
    'a database that is held by another process is its own trouble; a statement that is wrong is not',
    async () => {
      const impatient = open(filled.url, 200);
      const held = impatient.port;
      await held.query(sql`SELECT id FROM belfry_topic`);
      const letGo = await holdWrites(filled.url);
      const store = (runner: Pick<SqlDatabase, 'execute'>) =>
        runner.execute(
          sql`INSERT INTO belfry_event (event_type, priority, payload, created_at) VALUES ('Note', 1, '{}', ${new Date()})`,
        );
      const failures = await Promise.allSettled([store(held), held.transaction(store)]);
      await letGo();
      const wrong = await Promise.allSettled([held.query(sql`SELECT nothing FROM nowhere`)]);
      const isTrouble = [...failures, ...wrong].map(
        (one) => one.status === 'rejected' && held.isUnavailable(one.reason),
      );
      expect(isTrouble).toEqual([true, true, false]);
      expect(await store(held)).toBe(1);
      await impatient.close();
    },
  );
});
