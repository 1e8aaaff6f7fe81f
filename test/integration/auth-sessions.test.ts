// First: the app opens the database that the environment names when it is loaded.
import '../support/app-database.ts';

import { randomUUID } from 'node:crypto';
import { beforeEach, expect, test, vi } from 'vitest';
import { deleteAccount, setPassword } from '../../lib/auth/accounts.ts';
import { commandLineActor } from '../../lib/auth/actor.ts';
import { type EndedSessions, setSessionEndListener } from '../../lib/auth/session-end.ts';
import { checkOpenSessions, isUseNews } from '../../lib/auth/session-use.ts';
import {
  createSession,
  endOtherSessions,
  endSession,
  endSessionsOf,
  findEndedLately,
  findSession,
  listSessions,
  removeOldSessions,
} from '../../lib/auth/sessions.ts';
import { db } from '../../lib/database/db.ts';
import { until } from '../support/engine.ts';
import { sessionRow } from '../support/session.ts';

const by = commandLineActor();
const DAY_MS = 24 * 60 * 60_000;
const client = { address: '192.0.2.1', agent: 'A browser' };

let announced: EndedSessions[];
beforeEach(() => {
  announced = [];
  setSessionEndListener((ended) => announced.push(ended));
});

async function newUser(name = randomUUID()) {
  const email = `${name}@example.com`;
  return db.user.create({ data: { email, name, passwordHash: 'the hash' } });
}

async function newSession(userId: number): Promise<string> {
  const id = await createSession({ id: userId, passwordHash: 'the hash' }, client);
  if (id === null) throw new Error('The session was refused.');
  return id;
}

test('a session opens its account, and no two have the same id', async () => {
  const ada = await newUser();
  const ids = await Promise.all(Array.from({ length: 20 }, () => newSession(ada.id)));
  expect(new Set(ids).size).toBe(20);
  for (const id of ids) expect(Buffer.from(id, 'base64url').length).toBeGreaterThanOrEqual(16);
  expect(await findSession(ids[0] ?? '')).toMatchObject({ id: ada.id, email: ada.email, role: 'USER' });
  expect(await findSession(`${ids[0]}x`)).toBeNull();
});

test('whoever signs in while the password is changed, or the account disabled, has no session', async () => {
  const ada = await newUser();
  expect(await createSession({ id: ada.id, passwordHash: 'the hash before' }, client)).toBeNull();
  await db.user.update({ where: { id: ada.id }, data: { disabledAt: new Date() } });
  expect(await createSession({ id: ada.id, passwordHash: 'the hash' }, client)).toBeNull();
});

test('of sign-ins beside a change of the password none is left with the old one', async () => {
  const ada = await newUser();
  const begin = () => createSession({ id: ada.id, passwordHash: 'the hash' }, client);
  const begun = [
    begin(),
    begin(),
    setPassword({ email: ada.email, password: 'battery staple' }, by),
    begin(),
    begin(),
  ];
  await Promise.all(begun);
  expect(await listSessions(ada.id)).toEqual([]);
});

test('a person ends one session of their own, and says so once; of somebody else’s nothing happens', async () => {
  const [ada, ben] = [await newUser(), await newUser()];
  const [phone, laptop] = [await newSession(ada.id), await newSession(ada.id)];
  expect(await endSession({ userId: ben.id, sessionId: phone })).toBe(false);
  expect(await findSession(phone)).not.toBeNull();
  expect(await endSession({ userId: ada.id, sessionId: phone })).toBe(true);
  expect(await endSession({ userId: ada.id, sessionId: phone })).toBe(false);
  expect([await findSession(phone), (await findSession(laptop))?.id]).toEqual([null, ada.id]);
  expect(announced).toEqual([{ userId: ada.id, sessionIds: [phone] }]);
});

test('a person ends all others, and an operator all', async () => {
  const [ada, ben] = [await newUser(), await newUser()];
  const [here, phone, laptop] = [
    await newSession(ada.id),
    await newSession(ada.id),
    await newSession(ada.id),
  ];
  const bens = await newSession(ben.id);
  expect(await endOtherSessions({ userId: ada.id, sessionId: here })).toBe(2);
  expect((await listSessions(ada.id)).map(({ id }) => id)).toEqual([here]);
  expect(await endOtherSessions({ userId: ada.id, sessionId: here })).toBe(0);
  expect(await endSessionsOf(ada.id)).toBe(1);
  expect(await findSession(bens)).not.toBeNull();
  expect(announced.map(({ sessionIds }) => sessionIds.toSorted())).toEqual([
    [phone, laptop].toSorted(),
    [here],
  ]);
});

test('a new password ends all sessions but the one that it was changed in', async () => {
  const ada = await newUser();
  const [here, phone] = [await newSession(ada.id), await newSession(ada.id)];
  await setPassword({ email: ada.email, password: 'battery staple', keepSessionId: here }, by);
  expect([await findSession(phone), (await findSession(here))?.id]).toEqual([null, ada.id]);
  expect(announced).toEqual([{ userId: ada.id, sessionIds: [phone] }]);
});

test('a person’s sessions are listed, those used last first, without what ended or ran out', async () => {
  const ada = await newUser();
  const ago = (days: number) => new Date(Date.now() - days * DAY_MS);
  const rows = [
    { lastSeenAt: ago(1) },
    { lastSeenAt: ago(2) },
    { lastSeenAt: ago(31) },
    { createdAt: ago(91) },
    { endedAt: ago(0) },
  ];
  await db.session.createMany({
    data: rows.map((row, index) => ({ ...sessionRow({ id: `${ada.id}:${index}`, userId: ada.id }), ...row })),
  });
  const here = await newSession(ada.id);
  const listed = await listSessions(ada.id);
  expect(listed.map(({ id }) => id)).toEqual([here, `${ada.id}:0`, `${ada.id}:1`]);
  expect(listed[0]).toMatchObject(client);
});

test('of open sessions, the ended, the outdated, those whose account is gone, disabled or something else are found, and no others', async () => {
  const [fine, disabled, gone, demoted] = [
    await newUser(),
    await newUser(),
    await newUser(),
    await newUser(),
  ];
  const users = [fine, disabled, gone, demoted];
  const [ok, ofDisabled, ofGone, ofDemoted] = await Promise.all(users.map(({ id }) => newSession(id)));
  const ended = await newSession(fine.id);
  const unused = await newSession(fine.id);
  await endSession({ userId: fine.id, sessionId: ended });
  await db.session.update({
    where: { id: unused },
    data: { lastSeenAt: new Date(Date.now() - 31 * DAY_MS) },
  });
  await db.user.update({ where: { id: disabled.id }, data: { disabledAt: new Date() } });
  await db.user.delete({ where: { id: gone.id } });
  const open = [ok, ofDisabled, ofGone, ended, unused, 'never there', ok].map((id = '') => ({ id }));
  const asWhat = [
    { id: ofDemoted ?? '', role: 'ADMIN' },
    { id: ok ?? '', role: 'USER' },
    { id: ended, role: 'ADMIN' },
  ];
  const found = await checkOpenSessions([...open, ...asWhat]);
  expect(found.ended.toSorted()).toEqual([ofDisabled, ofGone, ended, unused, 'never there'].toSorted());
  expect(found.changed).toEqual([ofDemoted]);
  expect(await checkOpenSessions([])).toEqual({ ended: [], changed: [] });
});

test('more sessions can be checked at once than a statement takes parameters', async () => {
  const id = await newSession((await newUser()).id);
  const strangers = Array.from({ length: 40_000 }, (_, n) => ({ id: `nobody ${n}` }));
  expect((await checkOpenSessions([...strangers, { id }])).ended).toHaveLength(40_000);
});

test('an open stream counts as use', async () => {
  const id = await newSession((await newUser()).id);
  const before = new Date(Date.now() - 30 * DAY_MS + 50_000);
  await db.session.update({ where: { id }, data: { lastSeenAt: before } });
  expect((await checkOpenSessions([{ id }])).ended).toEqual([]);
  const row = () => db.session.findUniqueOrThrow({ where: { id } });
  await until(async () => (await row()).lastSeenAt.getTime() > Date.now() - 5_000);
  expect(await row()).toMatchObject(client);
});

test('what was noted by a clock that was ahead is noted again', () => {
  const now = Date.now();
  const news = [0, 30_000, -30_000, DAY_MS, -DAY_MS].map((ahead) =>
    isUseNews({ lastSeenAt: new Date(now + ahead) }),
  );
  expect(news).toEqual([false, false, false, true, true]);
});

test('what ended a moment ago is found, by whomever it was ended', async () => {
  const ada = await newUser();
  const [phone, laptop] = [await newSession(ada.id), await newSession(ada.id)];
  await db.session.update({ where: { id: phone }, data: { endedAt: new Date() } });
  await db.session.update({ where: { id: laptop }, data: { endedAt: new Date(Date.now() - 60_000) } });
  const found = await findEndedLately();
  expect(found).toContainEqual({ userId: ada.id, id: phone });
  expect(found.map(({ id }) => id)).not.toContain(laptop);
});

test('sessions that ended long ago are removed, and no others', async () => {
  const ada = await newUser();
  const ago = (days: number) => new Date(Date.now() - days * DAY_MS);
  const rows = {
    ended: { endedAt: ago(8) },
    unused: { lastSeenAt: ago(38) },
    lately: { endedAt: ago(6) },
    quiet: { lastSeenAt: ago(36) },
  };
  await db.session.createMany({
    data: Object.entries(rows).map(([name, row]) => ({
      ...sessionRow({ id: `${ada.id}:${name}`, userId: ada.id }),
      ...row,
    })),
  });
  expect(await removeOldSessions()).toBe(2);
  const left = await db.session.findMany({ where: { userId: ada.id }, select: { id: true } });
  expect(left.map(({ id }) => id).toSorted()).toEqual([`${ada.id}:lately`, `${ada.id}:quiet`]);
});

/** One of each for a person: a notification, a dismissed one, one in the outbox, which others get as well; and a dismissed notice to everybody. */
async function fillInbox(accountId: number): Promise<void> {
  const userId = await recipientOf(accountId);
  const event = (targetUserId: number | null) => ({
    eventType: 'SystemNotification',
    targetUserId,
    priority: 1,
    payload: '{"title":"secret"}',
    createdAt: new Date(),
  });
  const dismissed = [
    await db.belfryEvent.create({ data: event(userId) }),
    await db.belfryEvent.create({ data: event(null) }),
  ];
  await db.belfryEvent.create({ data: { ...event(userId), idempotencyKey: randomUUID() } });
  const { targetUserId: _, ...sending } = event(userId);
  const names = [String(accountId), 'somebody else'];
  await db.belfryOutboxEvent.create({ data: { ...sending, userIds: JSON.stringify(names) } });
  await db.belfryEventReceipt.createMany({
    data: dismissed.map(({ id: eventId }) => ({ userId, eventId, doneAt: new Date(), doneRevision: 1 })),
  });
  const { revision } = await db.belfryInboxChange.create({
    data: { userId, kind: 'dismiss', at: new Date() },
  });
  await db.belfryInbox.create({ data: { userId, revision } });
  await db.belfryTopicMember.create({ data: { topicId: 1, recipientId: userId, sinceEventId: 0 } });
}

/** The number under which the engine knows a person. */
async function recipientOf(accountId: number): Promise<number> {
  const externalId = String(accountId);
  const { id } = await db.belfryRecipient.upsert({
    where: { externalId },
    create: { externalId },
    update: {},
  });
  return id;
}

async function leftOf(accountId: number) {
  const userId = await recipientOf(accountId);
  const where = { userId };
  const ofTarget = { where: { targetUserId: userId } };
  return {
    events: await db.belfryEvent.count(ofTarget),
    outbox: await db.belfryOutboxEvent.count({ where: { userIds: { contains: `"${accountId}"` } } }),
    receipts: await db.belfryEventReceipt.count({ where }),
    inboxes: await db.belfryInbox.count({ where }),
    changes: await db.belfryInboxChange.count({ where }),
    topics: await db.belfryTopicMember.count({ where: { recipientId: userId } }),
    sessions: await db.session.count({ where: { userId: accountId } }),
  };
}

const NOTHING = { events: 0, outbox: 0, receipts: 0, inboxes: 0, changes: 0, topics: 0, sessions: 0 };

test.each([
  ['by command', ({ email }: { email: string }) => deleteAccount({ email: email.toUpperCase() }, by)],
  ['in the app', ({ id }: { id: number }) => db.user.delete({ where: { id } })],
  ['by hand', ({ id }: { id: number }) => db.$executeRaw`DELETE FROM "user" WHERE id = ${id}`],
])('a person who is deleted %s takes what is theirs along, and nothing else', async (_how, remove) => {
  const [ada, ben] = [await newUser(), await newUser()];
  await fillInbox(ben.id);
  await fillInbox(ada.id);
  await newSession(ben.id);
  const session = await newSession(ada.id);
  const [toAll, bens] = [await db.belfryEvent.count({ where: { targetUserId: null } }), await leftOf(ben.id)];
  const newest = async () =>
    (await db.belfryEvent.findFirst({ orderBy: { id: 'desc' }, select: { id: true } }))?.id;
  const newestChange = async () =>
    (await db.belfryInboxChange.findFirst({ orderBy: { revision: 'desc' } }))?.revision;
  const [newestBefore, newestChangeBefore] = [await newest(), await newestChange()];

  await remove(ada);

  expect(await findSession(session)).toBeNull();
  expect(await leftOf(ada.id)).toEqual(NOTHING);
  expect(await leftOf(ben.id)).toEqual(bens);
  expect(await db.belfryEvent.count({ where: { targetUserId: null } })).toBe(toAll);
  // What clients have read up to must not go back: they would take it for another history.
  expect([await newest(), await newestChange()]).toEqual([newestBefore, newestChangeBefore]);
  expect(await db.belfryEvent.count({ where: { payload: { contains: 'secret' }, targetUserId: 0 } })).toBe(0);
});

test('deleting an account ends its streams, and one that is not there is named', async () => {
  const ada = await newUser();
  const session = await newSession(ada.id);
  await deleteAccount({ email: ada.email }, by);
  expect(announced).toEqual([{ userId: ada.id, sessionIds: [session] }]);
  await expect(deleteAccount({ email: ada.email }, by)).rejects.toMatchObject({ code: 'not_found' });
});

test('an account whose later notifications cannot be removed is deleted all the same, and its streams end', async () => {
  const ada = await newUser();
  const session = await newSession(ada.id);
  const now = new Date();
  const { id } = await db.belfryJob.create({
    data: { kind: 'belfry.send', payload: 'no JSON', dueAt: now, createdAt: now },
  });
  await expect(deleteAccount({ email: ada.email }, by)).rejects.toThrow();
  await db.belfryJob.delete({ where: { id } });
  expect(announced).toEqual([{ userId: ada.id, sessionIds: [session] }]);
  // It is written down beside all else.
  await vi.waitFor(async () =>
    expect(await db.auditEntry.count({ where: { action: 'account_deleted', subject: ada.email } })).toBe(1),
  );
});
