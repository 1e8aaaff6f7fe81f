import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SqlDatabase } from '../../lib/belfry/storage/database.ts';
import { prismaDatabase } from '../../lib/belfry/storage/prisma-database.ts';
import { Recipients } from '../../lib/belfry/storage/recipients.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let db: SqlDatabase;
let recipients: Recipients;

beforeAll(async () => {
  database = await freshDatabase();
  db = prismaDatabase(database.db, {
    provider: database.url.startsWith('postgres') ? 'postgresql' : 'sqlite',
  });
  recipients = new Recipients(db);
});
afterAll(() => database.remove());

test('a user has one number, whatever their id looks like', async () => {
  const texts = ['7', '07', ' 7', 'Zoë 鐘 🔔', `it's "quoted" \\`, '\n', 'a'.repeat(255)];
  const ids = await recipients.idsOf(texts);
  expect(new Set(ids.values()).size).toBe(texts.length);
  const others = new Recipients(db);
  expect(await others.idsOf(texts)).toEqual(ids);
  expect(await others.idOf('07')).toBe(ids.get('07'));
  expect(await new Recipients(db).userIdsOf([...ids.values(), 999_999])).toEqual(
    new Map([...ids].map(([userId, id]) => [id, userId])),
  );
});

test('after a start those who were made last are known without asking, as many as are kept', async () => {
  const made = await recipients.idsOf(['first', 'second', 'third']);
  const asked: string[] = [];
  const query: SqlDatabase['query'] = (statement) => {
    asked.push(statement.sql);
    return db.query(statement);
  };
  const others = new Recipients({ ...db, query }, 2);
  await others.rememberLatest();
  expect(asked).toHaveLength(1);
  expect(await others.find(['second', 'third'])).toEqual(
    new Map([...made].filter(([userId]) => userId !== 'first')),
  );
  expect(asked).toHaveLength(1);
  expect(await others.idOf('first')).toBe(made.get('first'));
  expect(asked).toHaveLength(2);
});

test('looking somebody up makes nobody', async () => {
  expect(await recipients.find(['nobody'])).toEqual(new Map());
  expect(await recipients.find(['nobody'])).toEqual(new Map());
});

test('an id that cannot be kept is refused, and nobody is made', async () => {
  for (const odd of ['', 'a'.repeat(256), 'a\0b', 'a\ud800']) {
    await expect(recipients.idsOf(['fine', odd])).rejects.toMatchObject({ code: 'invalid_input' });
  }
  expect(await recipients.find(['fine'])).toEqual(new Map());
});

test('many at once, in whatever order, are each made once', async () => {
  const names = Array.from({ length: 10_000 }, (_, index) => `many-${index}`);
  const [one, other] = await Promise.all([
    new Recipients(db).idsOf(names),
    new Recipients(db).idsOf(names.toReversed()),
  ]);
  expect(one.size).toBe(10_000);
  expect(new Map([...other].sort())).toEqual(new Map([...one].sort()));
});

test('who was made in a transaction that rolled back is made anew', async () => {
  await expect(
    db.transaction(async (tx) => {
      const id = await recipients.idOf('undecided', tx);
      expect(await recipients.userIdsOf([id], tx)).toEqual(new Map([[id, 'undecided']]));
      throw new Error('rolled back');
    }),
  ).rejects.toThrow('rolled back');
  expect(await recipients.find(['undecided'])).toEqual(new Map());
  const id = await recipients.idOf('undecided');
  expect(await new Recipients(db).idOf('undecided')).toBe(id);
});

test('little memory is enough', async () => {
  const forgetful = new Recipients(db, 2);
  const ids = await forgetful.idsOf(['x', 'y', 'z', 'x']);
  expect(ids.size).toBe(3);
  expect(await forgetful.idsOf(['z', 'y', 'x'])).toEqual(ids);
});
