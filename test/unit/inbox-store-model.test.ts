/**
 * Holds the store to a model of the server: three clients of two users, every change, frames that come late,
 * twice or never, answers that overtake each other, restores of the database, and a clock of the server that jumps.
 * In the end all see the same.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Change, EntryGroup, Item } from '@/lib/belfry/client/inbox-model.ts';
import { InboxStore } from '@/lib/belfry/client/inbox-store.ts';
import { RequestError } from '@/lib/belfry/client/requests.ts';
import { formatState, type InboxState, parseState } from '@/lib/belfry/protocol/inbox-state.ts';
import type { ChangeAnswer, InboxChanges, InboxFrame, InboxPage } from '@/lib/belfry/protocol/item.ts';
import { PRIORITIES, type Priority } from '@/lib/belfry/protocol/priority.ts';
import { itemOf } from '../support/items.ts';

const SEQUENCES = Number(process.env.SEQUENCES ?? 1_000);
const PAGE = 4;
const START = Date.UTC(2030, 0, 1);
const HOUR_MS = 60 * 60_000;
const JUMPS = [3 * HOUR_MS, -3 * HOUR_MS, 24 * HOUR_MS, -24 * HOUR_MS];

interface Row {
  id: number;
  user: number | null;
  priority: Priority;
  createdAt: number;
  expiresAt: number | null;
  group: string | null;
}

interface Receipt {
  seenAt: string | null;
  readAt: string | null;
  doneAt: string | null;
  snoozedUntil: string | null;
  orderId: number;
  revision: number;
}

interface Segment {
  history: string;
  /** What was there when it began, and can be gone on from; `null`: nothing can. */
  after: { eventId: number; revisions: number[] } | null;
}

interface Data {
  history: string;
  segments: Segment[];
  lastId: number;
  events: Row[];
  receipts: Map<string, Receipt>;
  revisions: number[];
}

type Frame =
  | { kind: 'inbox'; frame: InboxFrame; since?: string | null }
  | { kind: 'item'; item: Item }
  | { kind: 'heartbeat'; now: number; history: string; eventId: number };

interface Stream {
  position: InboxState;
  frames: Frame[];
  /** What was delivered last, to come twice. */
  last: Frame | null;
}

class ModelServer {
  now = START;
  readonly data: Data = {
    history: 'h0',
    segments: [{ history: 'h0', after: null }],
    lastId: 0,
    events: [],
    receipts: new Map(),
    revisions: [0, 0],
  };
  #histories = 0;
  #backup: Data = structuredClone(this.data);

  publish(user: number | null, priority: Priority, expiresIn: number | null, group: string | null): Row {
    this.data.lastId += 1;
    const expiresAt = expiresIn === null ? null : this.now + expiresIn;
    const row = { id: this.data.lastId, user, priority, createdAt: this.now, expiresAt, group };
    this.data.events.push(row);
    return row;
  }

  backUp(): void {
    this.#backup = structuredClone(this.data);
  }

  /** @param isStart The server was started on it: what a client has that is in the back-up is still good. */
  restore(isStart: boolean): void {
    this.#histories += 1;
    const history = `h${this.#histories}`;
    Object.assign(this.data, structuredClone(this.#backup), { history });
    const { lastId: eventId, revisions } = this.data;
    const after = isStart ? { eventId, revisions: [...revisions] } : null;
    this.data.segments.push({ history, after });
  }

  /** Whether every history since began at or above the position. */
  continues(user: number, since: InboxState): boolean {
    const { segments, lastId, revisions } = this.data;
    const index = segments.findIndex(({ history }) => history === since.history);
    const ends = [...segments.slice(index + 1).map(({ after }) => after), { eventId: lastId, revisions }];
    return (
      index >= 0 &&
      ends.every((end) => end && since.eventId <= end.eventId && since.revision <= (end.revisions[user] ?? 0))
    );
  }

  position(user: number): InboxState {
    return {
      history: this.data.history,
      eventId: this.data.lastId,
      revision: this.data.revisions[user] ?? 0,
    };
  }

  receipt(user: number, id: number): Receipt {
    return (
      this.data.receipts.get(`${user}/${id}`) ?? {
        seenAt: null,
        readAt: null,
        doneAt: null,
        snoozedUntil: null,
        orderId: id,
        revision: 0,
      }
    );
  }

  item(user: number, row: Row, isRecovered = true): Item {
    const { revision: _, ...receipt } = this.receipt(user, row.id);
    return itemOf(row.id, {
      ...(isRecovered ? receipt : {}),
      priority: row.priority,
      createdAt: new Date(row.createdAt).toISOString(),
      expiresAt: row.expiresAt === null ? null : new Date(row.expiresAt).toISOString(),
      groupKey: row.group,
      isRecovered,
    });
  }

  /** What arrives live: of what goes to several people, the group is not told. */
  liveItem(user: number, row: Row): Item {
    const item = this.item(user, row, false);
    return row.user === null ? item : this.withGroup(user, item);
  }

  /** The newest of a group of several tells of it. */
  withGroup(user: number, item: Item): Item {
    const members = this.members(user, item.groupKey);
    if (members.length < 2 || members[0]?.id !== item.id) return item;
    return { ...item, group: groupOf(members) };
  }

  members(user: number, key: string | null): Item[] {
    return this.inbox(user).filter(({ groupKey }) => groupKey !== null && groupKey === key);
  }

  items(user: number): Item[] {
    return this.data.events
      .filter((row) => (row.user ?? user) === user && (row.expiresAt ?? Number.POSITIVE_INFINITY) > this.now)
      .map((row) => this.item(user, row))
      .sort((a, b) => b.orderId - a.orderId || b.id - a.id);
  }

  inbox(user: number): Item[] {
    return this.items(user).filter(({ doneAt, snoozedUntil }) => doneAt === null && snoozedUntil === null);
  }

  summary(user: number, at = this.position(user)) {
    const items = this.items(user);
    const inbox = this.inbox(user);
    const done = items.filter(({ doneAt }) => doneAt !== null).length;
    const unread = inbox.filter(({ readAt }) => readAt === null).length;
    const expiries = items.flatMap(({ expiresAt }) => (expiresAt === null ? [] : [expiresAt])).sort();
    return {
      state: formatState(at),
      totals: { unread, inbox: inbox.length, done, snoozed: items.length - inbox.length - done },
      unreadTotal: unread,
      settingsRevision: 0,
      readAt: new Date(this.now).toISOString(),
      nextExpiresAt: expiries[0] ?? null,
    };
  }

  page(user: number, cursor: string | null): InboxPage {
    const [orderId = Number.POSITIVE_INFINITY, below = 0] = cursor?.split('.').map(Number) ?? [];
    const all = this.inbox(user);
    const from = all.filter(
      (item) => item.orderId < orderId || (item.orderId === orderId && item.id < below),
    );
    const notifications = from.slice(0, PAGE);
    const last = notifications.at(-1);
    return {
      ...this.summary(user),
      notifications: notifications.map((item) => this.withGroup(user, item)),
      pinned: (cursor === null ? from.slice(PAGE).filter(isUrgent) : []).map((item) =>
        this.withGroup(user, item),
      ),
      nextCursor: from.length > PAGE && last ? `${last.orderId}.${last.id}` : null,
    };
  }

  /** `null`: cannot calculate changes. */
  changes(user: number, since: InboxState): InboxChanges | null {
    if (!this.continues(user, since)) return null;
    const touched = (id: number) => id > since.eventId || this.receipt(user, id).revision > since.revision;
    const own = this.items(user).filter(({ id }) => touched(id));
    const newest = own.flatMap(({ groupKey }) => this.members(user, groupKey).slice(0, 1));
    const changed = [...new Map([...own, ...newest].map((item) => [item.id, item])).values()].map((item) =>
      this.withGroup(user, item),
    );
    const known = new Set(changed.map(({ id }) => id));
    const mine = this.data.events.filter((row) => (row.user ?? user) === user);
    const removed = mine
      .filter(({ id }) => id <= since.eventId && touched(id) && !known.has(id))
      .map(({ id }) => id);
    return { ...this.summary(user), changed, removed, hasMore: false };
  }

  change(user: number, change: Change): ChangeAnswer {
    const now = new Date(this.now).toISOString();
    const isNamed = ({ id, groupKey, doneAt, snoozedUntil }: Item) => {
      if ('group' in change && (change.group !== groupKey || doneAt !== null || snoozedUntil !== null))
        return false;
      if ('throughId' in change) return id <= change.throughId;
      return change.kind === 'act' ? change.id === id : change.ids.includes(id);
    };
    const revision = (this.data.revisions[user] ?? 0) + 1;
    this.data.revisions[user] = revision;
    for (const item of this.items(user).filter(isNamed)) {
      const { orderId } = item;
      const receipt = { ...this.receipt(user, item.id), revision };
      receipt.seenAt ??= now;
      if (change.kind === 'dismiss' || change.kind === 'clear') receipt.doneAt ??= now;
      if (change.kind === 'read') receipt.readAt ??= now;
      if (change.kind === 'unread') receipt.readAt = null;
      if (change.kind === 'snooze') receipt.snoozedUntil = change.until;
      // It comes back as new, on top.
      if (change.kind === 'restore') {
        receipt.orderId = receipt.snoozedUntil === null ? orderId : this.data.lastId + 1;
        receipt.doneAt = null;
        receipt.snoozedUntil = null;
      }
      this.data.receipts.set(`${user}/${item.id}`, receipt);
    }
    return this.summary(user);
  }

  /** These were on the screen somewhere. */
  see(user: number, ids: readonly number[] = []): void {
    const unseen = this.items(user).filter(({ id, seenAt }) => ids.includes(id) && seenAt === null);
    if (unseen.length === 0) return;
    const revision = (this.data.revisions[user] ?? 0) + 1;
    this.data.revisions[user] = revision;
    const seenAt = new Date(this.now).toISOString();
    for (const { id } of unseen) {
      this.data.receipts.set(`${user}/${id}`, { ...this.receipt(user, id), seenAt, revision });
    }
  }
}

interface Request {
  /** What the server does with it; the answer, once it has. */
  process: () => void;
  isProcessed: () => boolean;
  answer: () => void;
  fail: (status: number) => void;
}

class ModelClient {
  readonly user: number;
  readonly requests: Request[] = [];
  readonly store: InboxStore;
  stream: Stream | null = null;
  readonly #server: ModelServer;
  /** The server's time, as far as it was told. */
  #now: number;

  constructor(server: ModelServer, user: number) {
    this.user = user;
    this.#server = server;
    this.#now = server.now;
    this.store = new InboxStore({
      translate: (key) => key,
      requests: {
        poll: (cursor) => this.#ask(() => server.page(user, cursor)),
        changes: (since) => this.#ask(() => server.changes(user, parseState(since) as InboxState)),
        change: (change) => this.#ask(() => server.change(user, change)),
        undo: () => Promise.reject(new RequestError(409, 'Used.')),
      },
      now: () => this.#now,
      onChange: () => {},
      onNews: () => {},
      onBehind: () => {},
    });
  }

  #ask<T extends { readAt: string }>(work: () => T | null): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let answer: { value: T | null } | null = null;
      this.requests.push({
        process: () => {
          answer ??= { value: work() };
        },
        isProcessed: () => answer !== null,
        answer: () => {
          if (answer?.value) {
            this.#note(Date.parse(answer.value.readAt));
            resolve(structuredClone(answer.value));
          } else reject(new RequestError(409, 'Cannot calculate changes.'));
        },
        fail: (status) => reject(new RequestError(status, 'It failed.')),
      });
    });
  }

  /** As a tab that leads, or as one that follows another which asked with its own position. */
  openStream(since: string | null): void {
    this.closeStream();
    const asked = since === null ? null : parseState(since);
    const changes = asked && this.#server.changes(this.user, asked);
    const stream: Stream = { position: this.#server.position(this.user), frames: [], last: null };
    if (changes) {
      const { hasMore: _, ...rest } = changes;
      stream.frames.push({ kind: 'inbox', frame: { kind: 'changes', ...rest }, since });
    } else {
      const { notifications, pinned, ...page } = this.#server.page(this.user, null);
      const items = [...notifications, ...pinned];
      const pins = pinned.map(({ id }) => id);
      const frame: InboxFrame = { ...page, kind: 'snapshot', count: items.length, pinned: pins };
      stream.frames.push({ kind: 'inbox', frame, since });
      for (const item of items) stream.frames.push({ kind: 'item', item });
    }
    this.stream = stream;
  }

  closeStream(): void {
    this.stream = null;
    this.store.breakStream();
  }

  /** The server tells the stream what its user changed. */
  tell(): void {
    const changes = this.stream && this.#server.changes(this.user, this.stream.position);
    if (!this.stream || !changes) return;
    const { hasMore: _, ...rest } = changes;
    this.stream.frames.push({ kind: 'inbox', frame: { kind: 'changes', ...rest } });
    this.stream.position = this.#server.position(this.user);
  }

  wait(milliseconds: number): void {
    this.#now += milliseconds;
    this.store.expire();
  }

  /** As `inbox-client.ts` does with every time that it is told. */
  #note(time: number): void {
    if (time < this.#now - HOUR_MS) this.store.doubt();
    this.#now = time;
  }

  receive(frame: Frame): void {
    if (frame.kind === 'inbox') this.#note(Date.parse(frame.frame.readAt));
    else if (frame.kind === 'heartbeat') this.#note(frame.now);
    if (frame.kind === 'inbox') this.store.receiveFrame(frame.frame, frame.since);
    else if (frame.kind === 'item') this.store.receiveItems([frame.item]);
    else this.store.receiveHeartbeat(frame);
  }

  receiveNext(): void {
    const frame = this.stream?.frames.shift();
    if (!this.stream || !frame) return;
    this.stream.last = frame;
    this.receive(frame);
  }
}

const KINDS = [
  'dismiss',
  'read',
  'unread',
  'restore',
  'snooze',
  'clear',
  'readAll',
  'dismissGroup',
  'readGroup',
] as const;
const GROUPS = ['posts', null, 'likes', null, 'posts'] as const;
const groupAt = (number: number) => GROUPS[number % GROUPS.length] ?? null;

const step = fc.record({
  what: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom('publish', 'change', 'receive', 'receive', 'process', 'answer') },
    {
      weight: 3,
      arbitrary: fc.constantFrom('answer', 'receiveAll', 'tell', 'heartbeat', 'loadMore', 'refresh', 'see'),
    },
    { weight: 2, arbitrary: fc.constantFrom('open', 'follow', 'close', 'double', 'fail', 'wait') },
    { weight: 1, arbitrary: fc.constantFrom('backUp', 'restore', 'jump') },
  ),
  client: fc.nat(2),
  number: fc.nat(19),
  kind: fc.constantFrom(...KINDS),
});

test(
  'whatever comes late, twice or never, and whoever changes what, in the end every client shows what the server has',
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60, size: 'max' }), async (steps) => {
        const server = new ModelServer();
        const clients = [0, 0, 1].map((user) => new ModelClient(server, user));
        for (let n = 0; n < 9; n += 1)
          server.publish(n % 3 === 0 ? 0 : null, PRIORITIES[n % 4] ?? 'LOW', null, groupAt(n));
        for (const client of clients) {
          client.openStream(null);
          await drain(client);
        }
        for (const each of steps) {
          take(each, server, clients);
          await settled();
        }
        await synchronise(server, clients);
        for (const client of clients) await compareWithServer(client, server);
      }),
      { numRuns: SEQUENCES },
    );
  },
  Math.max(30_000, SEQUENCES * 30),
);

function take(
  {
    what,
    client: index,
    number,
    kind,
  }: { what: string; client: number; number: number; kind: (typeof KINDS)[number] },
  server: ModelServer,
  clients: ModelClient[],
): void {
  const client = clients[index] as ModelClient;
  const { store, requests } = client;
  const ignore = () => {};
  if (what === 'publish') {
    const user = number % 3 === 2 ? null : number % 3;
    const row = server.publish(
      user,
      PRIORITIES[number % 4] ?? 'LOW',
      number > 15 ? (number % 2 === 0 ? 1_000 : HOUR_MS) : null,
      groupAt(number),
    );
    for (const each of clients) {
      if (!each.stream || (row.user ?? each.user) !== each.user) continue;
      each.stream.frames.push({ kind: 'item', item: server.liveItem(each.user, row) });
      each.stream.position = { ...each.stream.position, eventId: row.id };
    }
  } else if (what === 'change') {
    const shown = store.look();
    const ids = [1 + (number % Math.max(server.data.lastId, 1)), shown?.items[number % 3]?.id ?? 1];
    const group = shown?.entries.find((entry) => entry.group)?.group ?? null;
    void store.change(changeOf(kind, ids, shown?.shownThrough ?? 0, group)).catch(ignore);
  } else if (what === 'receive') client.receiveNext();
  else if (what === 'receiveAll') while (client.stream?.frames.length) client.receiveNext();
  else if (what === 'double') {
    const last = client.stream?.last;
    if (last) client.receive(last);
  } else if (what === 'process') requests[number % Math.max(requests.length, 1)]?.process();
  else if (what === 'answer' || what === 'fail') {
    const [request] = requests.splice(number % Math.max(requests.length, 1), 1);
    // It may have been done, and only its answer been lost.
    if (what === 'answer' || number % 2 === 0) request?.process();
    if (what === 'answer') request?.answer();
    else request?.fail(0);
  } else if (what === 'see') {
    server.see(
      client.user,
      store.look()?.items.map(({ id }) => id),
    );
  } else if (what === 'tell') for (const each of clients) each.tell();
  else if (what === 'heartbeat') client.stream?.frames.push(heartbeat(server));
  else if (what === 'loadMore') void store.loadMore().catch(ignore);
  else if (what === 'refresh') void store.refresh().catch(ignore);
  else if (what === 'open') client.openStream(store.position());
  else if (what === 'follow') client.openStream(clients[index === 0 ? 1 : 0]?.store.position() ?? null);
  else if (what === 'close') client.closeStream();
  else if (what === 'wait') {
    server.now += 700;
    for (const each of clients) each.wait(700);
  } else if (what === 'jump') {
    server.now += JUMPS[number % JUMPS.length] ?? 0;
  } else if (what === 'backUp') server.backUp();
  else if (what === 'restore') {
    server.restore(number % 2 === 0);
    for (const each of clients) each.closeStream();
  }
}

function changeOf(
  kind: (typeof KINDS)[number],
  ids: number[],
  throughId: number,
  group: EntryGroup | null,
): Change {
  if (kind === 'clear') return { kind, throughId };
  if (kind === 'dismissGroup' || kind === 'readGroup') {
    const named = { group: group?.key ?? 'none', throughId: group?.throughId ?? 0 };
    return { kind: kind === 'readGroup' ? 'read' : 'dismiss', ...named };
  }
  if (kind === 'readAll') return { kind: 'read', throughId };
  return kind === 'snooze' ? { kind, ids, until: '2031-01-01T00:00:00.000Z' } : { kind, ids };
}

function heartbeat(server: ModelServer): Frame {
  return { kind: 'heartbeat', now: server.now, history: server.data.history, eventId: server.data.lastId };
}

/** Everything that is on its way arrives, and whoever has no stream opens one. */
async function synchronise(server: ModelServer, clients: ModelClient[]): Promise<void> {
  for (const client of clients) await drain(client);
  for (const client of clients) {
    if (!client.stream) client.openStream(client.store.position());
    client.tell();
    client.stream?.frames.push(heartbeat(server));
  }
  for (const client of clients) {
    await drain(client);
    client.store.expire();
    // As `inbox-client.ts` does after an expiry, and when the stream does not bring what an answer told of.
    if (server.now !== START || client.store.isBehind()) void client.store.refresh().catch(() => {});
    await drain(client);
  }
}

async function drain(client: ModelClient): Promise<void> {
  while (client.requests.length > 0 || client.stream?.frames.length) {
    while (client.stream?.frames.length) client.receiveNext();
    const request = client.requests.shift();
    request?.process();
    request?.answer();
    await settled();
  }
}

async function compareWithServer(client: ModelClient, server: ModelServer): Promise<void> {
  const expected = server.inbox(client.user);
  const first = client.store.look();
  expect(first?.totals).toEqual(server.summary(client.user).totals);
  // From the newest on without a hole, and what is urgent and further down above it.
  const shown = first?.items ?? [];
  const contiguous = expected.findLastIndex(({ id }) => id === shown.at(-1)?.id) + 1;
  const pinned = expected.slice(contiguous).filter(isUrgent);
  if (client.store.hasMore()) {
    const isPrefix = [contiguous, 0].some((length) =>
      same(shown, [...expected.slice(length).filter(isUrgent), ...expected.slice(0, length)]),
    );
    expect(isPrefix, `${ids(shown)} of ${ids(expected)}, pinned ${ids(pinned)}`).toBe(true);
  }
  compareGroups(client, server);
  while (client.store.hasMore()) {
    void client.store.loadMore();
    await drain(client);
  }
  expect(plain(client.store.look()?.items ?? [])).toEqual(plain(expected));
  expect(client.store.look()?.totals).toEqual(server.summary(client.user).totals);
  compareGroups(client, server);
}

/** Each stands once, at its newest, with all that is known of it; its title is that of now, or there is none. */
function compareGroups({ store, user }: ModelClient, server: ModelServer): void {
  const { items = [], entries = [] } = store.look() ?? {};
  expect(new Set(entries.map(({ id }) => id)).size).toBe(entries.length);
  expect(entries.flatMap(({ item, group }) => ids(group?.items ?? [item])).toSorted(byNumber)).toEqual(
    ids(items).toSorted(byNumber),
  );
  expect(ids(entries.map(({ item }) => item))).toEqual(
    ids(items).filter((id) => entries.some(({ item }) => item.id === id)),
  );
  for (const { item, group } of entries) {
    if (!group) continue;
    const members = server.members(user, group.key);
    expect(item.id).toBe(members[0]?.id);
    expect(group.items[0]).toBe(item);
    // Of what stands further down, nobody tells when it expires; nor that it is there, where all that is known came live.
    const mayExpire = server.data.events.some((row) => row.group === group.key && row.expiresAt !== null);
    const isTold = group.items.some((member) => member.group);
    if (store.hasMore() && (mayExpire || !isTold)) continue;
    const { title, ...numbers } = groupOf(members);
    expect({ count: group.count, unread: group.unread }).toEqual(numbers);
    expect([title, null]).toContain(group.title);
  }
}

/** How it reads says what it was when it was read. */
function groupOf(members: readonly Item[]): NonNullable<Item['group']> {
  const unread = members.filter(({ readAt }) => readAt === null).length;
  return { title: `${members.length} from ${members[0]?.id} on`, count: members.length, unread };
}

const byNumber = (a: number, b: number) => a - b;
const isUrgent = ({ priority, readAt }: Item) =>
  readAt === null && (priority === 'HIGH' || priority === 'CRITICAL');
const ids = (items: readonly Item[]) => items.map(({ id }) => id);
const plain = (items: readonly Item[]) =>
  items.map(({ id, orderId, readAt, createdAt }) => ({ id, orderId, isRead: readAt !== null, createdAt }));
const same = (a: readonly Item[], b: readonly Item[]) =>
  JSON.stringify(plain(a)) === JSON.stringify(plain(b));

/** Long enough for every promise that can go on by itself. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 12; turn += 1) await Promise.resolve();
}
