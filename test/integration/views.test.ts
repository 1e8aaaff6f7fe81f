/** What a view of the inbox holds: by category, by priority, by what is searched for, and what of it can be taken back. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { InProcessEventBus } from '../../lib/belfry/bus/event-bus.ts';
import { type Belfry, BUILT_IN, createBelfry } from '../../lib/belfry/create-belfry.ts';
import { defineNotification } from '../../lib/belfry/definitions/notification-type.ts';
import { EventTypeRegistry } from '../../lib/belfry/definitions/registry.ts';
import { Languages } from '../../lib/belfry/language/languages.ts';
import { SystemNotification } from '../../lib/belfry/notifications/system-notification.ts';
import type { InboxPage } from '../../lib/belfry/protocol/item.ts';
import { PRIORITIES, type Priority } from '../../lib/belfry/protocol/priority.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { Clock, clearEvents, NO_LOG, portOf } from '../support/engine.ts';

const ADA = 'ada';
const DAY_MS = 24 * 60 * 60_000;

const InvoiceDue = defineNotification({
  name: 'InvoiceDue',
  payload: z.object({ customer: z.string() }),
  category: 'billing',
  messages: { en: { title: 'Invoice due: {customer}' }, 'zh-TW': { title: '{customer} 的發票到期了' } },
  render: ({ payload, t }) => ({ title: t('title', payload), message: 'Pay *soon*.' }),
});

let database: TestDatabase;
let clock: Clock;
let belfry: Belfry;

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.remove());
beforeEach(async () => {
  await clearEvents(database.db);
  clock = new Clock();
  const types = new EventTypeRegistry({ languages: new Languages({ en: {}, 'zh-TW': {} }), log: NO_LOG });
  types.registerAll([...BUILT_IN, InvoiceDue]);
  belfry = createBelfry({
    database: portOf(database.db),
    bus: new InProcessEventBus(),
    types,
    log: NO_LOG,
    now: clock.now,
  });
  await belfry.start();
});
afterEach(() => belfry.shutdown());

type Asked = Parameters<Belfry['notifications']['fetchPage']>[0];

const poll = (options: Partial<Asked> = {}) => belfry.notifications.fetchPage({ userId: ADA, ...options });
const idsOf = ({ notifications }: InboxPage) => notifications.map(({ id }) => id);

/** Every page of it, from the first on. */
async function pollAll(options: Partial<Asked>): Promise<number[]> {
  const ids: number[] = [];
  let cursor: string | undefined;
  do {
    const page = await poll({ ...options, cursor });
    ids.push(...idsOf(page));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return ids;
}

async function send(title: string, priority: Priority = 'NORMAL'): Promise<number> {
  const payload = { title, message: 'Read me.' };
  const { id } = await belfry.notify(SystemNotification, { to: 'everyone', payload, priority });
  return id as number;
}

async function invoice(customer: string, priority: Priority = 'NORMAL'): Promise<number> {
  const { id } = await belfry.notify(InvoiceDue, { to: { user: ADA }, payload: { customer }, priority });
  return id as number;
}

test('each view can be narrowed to a category and to priorities, over all of its pages, and the totals stay those of all', async () => {
  const sent: { id: number; category: string; priority: Priority }[] = [];
  for (let n = 0; n < 24; n += 1) {
    const priority = PRIORITIES[n % 4] as Priority;
    // The one in demand stands far below what else there is.
    const isInvoice = n % 6 < 2;
    const id = isInvoice ? await invoice(`Customer ${n}`, priority) : await send(`Number ${n}`, priority);
    sent.push({ id, category: isInvoice ? 'billing' : 'system', priority });
  }
  sent.reverse();
  const billing = sent.filter(({ category }) => category === 'billing').map(({ id }) => id);
  const urgent = sent.filter(({ priority }) => ['HIGH', 'CRITICAL'].includes(priority)).map(({ id }) => id);
  const both = billing.filter((id) => urgent.includes(id));
  const views = async (view: Asked['view']) => {
    expect(await pollAll({ view, category: 'billing', limit: 3 })).toEqual(billing);
    expect(await pollAll({ view, priorities: ['CRITICAL', 'HIGH'], limit: 3 })).toEqual(urgent);
    expect(await pollAll({ view, category: 'billing', priorities: ['HIGH', 'CRITICAL'], limit: 1 })).toEqual(
      both,
    );
  };
  await views('inbox');
  await views('unread');
  await views('all');
  expect((await poll({ category: 'billing' })).totals).toMatchObject({ inbox: 24, unread: 24 });
  await belfry.notifications.clear({ userId: ADA });
  await views('done');
  await views('all');
  expect(await pollAll({ view: 'inbox', category: 'billing' })).toEqual([]);
  const ids = sent.map(({ id }) => id);
  await belfry.notifications.snooze({ userId: ADA, ids, until: new Date(clock.now().getTime() + DAY_MS) });
  await views('snoozed');
  expect(await poll({ category: 'of no type' })).toMatchObject({ notifications: [], nextCursor: null });
});

test('a search finds what its reader reads, in their language, whatever the row holds', async () => {
  const first = await invoice('Müller & Söhne');
  const second = await invoice('Ōtsuka');
  await send('Nothing of that');
  const inChinese = belfry.languages.readerOf({ locale: 'zh-TW' });
  expect(idsOf(await poll({ q: 'invoice DUE' }))).toEqual([second, first]);
  expect(idsOf(await poll({ q: 'muller sohne' }))).toEqual([first]);
  expect(idsOf(await poll({ q: 'soon' }))).toEqual([second, first]);
  expect(idsOf(await poll({ q: '發票', reader: inChinese }))).toEqual([second, first]);
  // The names of a payload's members are nothing that anybody reads.
  expect(idsOf(await poll({ q: 'customer' }))).toEqual([]);
  expect(idsOf(await poll({ q: '發票' }))).toEqual([]);
  expect(idsOf(await poll({ q: '  ' }))).toHaveLength(3);
});

test('a search goes through all there is page by page, each once, and what it finds can be narrowed as well', async () => {
  const found: number[] = [];
  for (let n = 0; n < 30; n += 1) {
    const priority = n % 9 === 0 ? 'CRITICAL' : 'NORMAL';
    const id = await send(n % 3 === 0 ? `Needle ${n}` : `Straw ${n}`, priority);
    if (n % 3 === 0) found.unshift(id);
  }
  expect(await pollAll({ q: 'needle', limit: 4 })).toEqual(found);
  expect(await pollAll({ q: 'needle', limit: 10 })).toEqual(found);
  const page = await poll({ q: 'needle', limit: 9 });
  expect([page.nextCursor === null, page.pinned]).toEqual([false, []]);
  expect(await pollAll({ q: 'needle', priorities: ['CRITICAL'], limit: 1 })).toHaveLength(4);
  await belfry.notifications.dismiss({ userId: ADA, ids: found.slice(0, 2) });
  expect(await pollAll({ q: 'needle', view: 'done' })).toEqual(found.slice(0, 2));
  expect(await pollAll({ q: 'needle', limit: 3 })).toEqual(found.slice(2));
});

test('a search looks at two thousand at a time, and goes on where it stopped', async () => {
  const needle = await send('Needle');
  const data = Array.from({ length: 2_100 }, (_, n) => ({
    eventType: 'SystemNotification',
    priority: 1,
    payload: JSON.stringify({ title: `Straw ${n}`, message: 'Read me.' }),
    createdAt: new Date(),
  }));
  await database.db.belfryEvent.createMany({ data });
  const first = await poll({ q: 'needle' });
  expect([idsOf(first), first.nextCursor]).toEqual([[], expect.any(String)]);
  const second = await poll({ q: 'needle', cursor: first.nextCursor ?? undefined });
  expect([idsOf(second), second.nextCursor]).toEqual([[needle], null]);
});

test('what is done says which all done can still be undone, and after that which one before', async () => {
  await send('One');
  expect((await poll({ view: 'done' })).lastClear).toBeNull();
  const first = await belfry.notifications.clear({ userId: ADA });
  const at = clock.now().toISOString();
  expect((await poll({ view: 'done' })).lastClear).toEqual({ undo: first.undo, at });
  expect(await poll({ view: 'inbox' })).not.toHaveProperty('lastClear');
  await send('Two');
  const second = await belfry.notifications.clear({ userId: ADA });
  expect((await poll({ view: 'done' })).lastClear?.undo).toBe(second.undo);
  await belfry.notifications.undo({ userId: ADA, undo: second.undo as string });
  expect((await poll({ view: 'done' })).lastClear?.undo).toBe(first.undo);
  // Nobody else's, and not for ever.
  expect((await poll({ userId: 'ben', view: 'done' })).lastClear).toBeNull();
  clock.advance(7 * DAY_MS + 1);
  expect((await poll({ view: 'done' })).lastClear).toBeNull();
});
