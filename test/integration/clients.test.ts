/**
 * Three pages of two people on real instances and a real database, and everything that can go wrong between them. In
 * the end every page shows what the server has; on the way nothing is announced twice, and nothing is in a list twice.
 *
 * Time is the test's own, so that heartbeats, looks, pauses and time-outs cost nothing.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { InboxClient } from '../../lib/belfry/client/inbox-client.ts';
import { type Item, isUnread } from '../../lib/belfry/client/inbox-model.ts';
import { InboxReader } from '../../lib/belfry/inbox/inbox-reader.ts';
import { SystemNotification } from '../../lib/belfry/notifications/system-notification.ts';
import type { AudienceInput } from '../../lib/belfry/protocol/audience.ts';
import { parseState } from '../../lib/belfry/protocol/inbox-state.ts';
import type { ChangeAnswer, InboxPage, ItemFilter, Totals } from '../../lib/belfry/protocol/item.ts';
import { PRIORITIES } from '../../lib/belfry/protocol/priority.ts';
import type { NotificationSettings } from '../../lib/belfry/protocol/settings.ts';
import { type SqlDatabase, sql, toNumber } from '../../lib/belfry/storage/database.ts';
import { Activity } from '../support/activity.ts';
import { Backup } from '../support/backup.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { ON_POSTGRESQL } from '../support/empty-database.ts';
import { portOf } from '../support/engine.ts';
import { Instance } from '../support/instance.ts';
import { closeAllPages, Page, type Requests, stubBrowser } from '../support/page.ts';
import { type Fate, UnreliableBus } from '../support/unreliable-bus.ts';

// Few by default; `npm run test:sequences` takes ten thousand.
const SEQUENCES = Number(process.env.SEQUENCES ?? (ON_POSTGRESQL ? 40 : 150));
// Of a failure, which names its own: with the seed the same sequences are taken again, with the path only the last of them.
const { SEED, SEQUENCE_PATH: path } = process.env;
// A failure is tried again in shorter and shorter sequences, each of which waits in vain to the end.
const LIMIT_MS = 120_000 + SEQUENCES * 3_000;

const TOPIC = 'project:7';
const USERS = ['ada', 'ben'] as const;
/** What each page shows beside the inbox. */
const FILTERS: ItemFilter[][] = [
  [{ view: 'unread' }, { view: 'done' }],
  [{ view: 'inbox', priorities: ['HIGH', 'CRITICAL'] }, { view: 'snoozed' }],
  [{ view: 'all' }, { view: 'inbox', q: 'number 1' }],
];
// Its multiples are spread evenly over what is between 0 and 1.
const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;
const DAY_MS = 24 * 60 * 60_000;
// Beyond the heartbeat, every look of the server's, every pause of a page's, and its patience with a silent stream.
const RECONCILED_WITHIN_MS = 90_000;
const HEARTBEAT_MS = 15_000;
// A back-up that was put back is found within this. Nobody could tell of one that was put back under a running server,
// and whose ids were used again before a restart that came sooner.
const LOOK_AGAIN_MS = 2_100;

let database: TestDatabase;
let port: SqlDatabase;
let backup: Backup;

beforeAll(async () => {
  database = await freshDatabase();
  port = portOf(database.db);
  backup = await Backup.on(port);
  stubBrowser();
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
    now: Date.UTC(2030, 0, 1),
  });
});
afterAll(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  await database.remove();
});

const named = ['dismiss', 'read', 'unread', 'restore', 'snooze'] as const;

const KINDS = {
  often: ['send', 'send', 'change', 'change', 'change', 'clear', 'read all', 'undo', 'wait', 'seen'],
  sometimes: [
    'cut',
    'requests',
    'requests',
    'hints',
    'hints',
    'release',
    'answer late',
    'stall',
    'flow',
    'topic',
    'mute',
    'mute',
    'follow',
  ],
  rarely: [
    'stop',
    'kill',
    'back up',
    'restore',
    'clean up',
    'act',
    'load more',
    'load more of a view',
    'leave or return to a view',
    'close',
    'open',
    'wait long',
  ],
} as const;

const step = fc.record({
  what: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...KINDS.often) },
    { weight: 3, arbitrary: fc.constantFrom(...KINDS.sometimes) },
    { weight: 2, arbitrary: fc.constantFrom(...KINDS.rarely) },
  ),
  who: fc.nat(2),
  /** Which of whatever there is to choose. */
  choice: fc.nat(999),
  /** Whether all that goes on by itself comes to its end before the next step. */
  isFollowed: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

test(
  'whatever three pages of two people do, and whatever is lost, late, doubled, restarted or restored, each shows in the end what the server has',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          steps: fc.array(step, { minLength: 3, maxLength: 30, size: 'max' }),
          instances: fc.constantFrom(1, 1, 2),
          /** So many that a list has further pages. */
          many: fc.constantFrom(false, false, false, false, false, false, false, true),
        }),
        async ({ steps, instances, many }) => {
          const world = new World();
          try {
            await world.begin({ instances, many });
            for (const each of steps) await world.take(each);
            await world.recover();
            await world.compare();
          } finally {
            await world.end();
          }
        },
      ),
      { numRuns: SEQUENCES, ...(SEED && { seed: Number(SEED) }), ...(path && { path }) },
    );
  },
  LIMIT_MS,
);

class World {
  readonly #activity = new Activity();
  readonly #bus = new UnreliableBus();
  #instances: Instance[] = [];
  readonly #pages: Page[] = [];
  /** What was announced on each page: for each thing that may be announced once its event's id, and how often it was. */
  readonly #announced = new Map<Page, Map<string, { id: number; times: number }>>();
  /** How often each event was put off, by user and id: so often may it come back, perhaps to the same place. */
  readonly #snoozes = new Map<string, number>();
  readonly #problems: string[] = [];
  readonly #undone = new Set<string>();
  #turn = 0;
  #isBackedUp = false;
  #restoredAt = Number.NEGATIVE_INFINITY;
  #countsDone = true;
  #sent = 0;

  async begin({ instances, many }: { instances: number; many: boolean }): Promise<void> {
    // Pauses are spread at random: the same each time that a sequence is taken.
    let random = 0;
    vi.spyOn(Math, 'random').mockImplementation(() => {
      random = (random + GOLDEN_RATIO) % 1;
      return random;
    });
    await backup.empty();
    for (let n = 0; n < instances; n += 1) await this.#start();
    const [first] = this.#instances;
    for (const userId of USERS) await first?.belfry.notifications.fetchPage({ userId, limit: 1 });
    if (many) await this.#sendMany(120);
    for (const [n, userId] of ['ada', 'ada', 'ben'].entries()) {
      const page = this.#addPage(userId, `${n}`);
      for (const filter of FILTERS[n] ?? []) page.follow(filter);
    }
    await this.#activity.settled();
  }

  async end(): Promise<void> {
    this.#bus.fate = 'delivered';
    closeAllPages();
    await Promise.all(this.#instances.map((instance) => instance.stop()));
    await this.#activity.settled();
  }

  async take({ what, who, choice, isFollowed }: Step): Promise<void> {
    const page = this.#pages[who] as Page;
    // Two things never happen at the same instant.
    vi.advanceTimersByTime(1);
    await this.#do(what, page, choice);
    if (isFollowed) await this.#activity.settled();
    this.#assertNoProblem();
  }

  async #do(what: Step['what'], page: Page, choice: number): Promise<void> {
    const { client } = page;
    const { items, shownThrough } = client.view();
    switch (what) {
      case 'send':
        return this.#send(choice);
      case 'change': {
        const kind = named[choice % named.length] as (typeof named)[number];
        const newest = items[0]?.id ?? this.#sent;
        const ids = [items[choice % 4]?.id ?? newest + 1, Math.max(newest - (choice % 9), 1)];
        const until = new Date(Date.now() + 1_000 * (1 + (choice % 7))).toISOString();
        if (kind !== 'snooze') return this.#change(page, client[kind](ids));
        for (const id of new Set(ids)) {
          const event = `${page.userId} ${id}`;
          this.#snoozes.set(event, (this.#snoozes.get(event) ?? 0) + 1);
        }
        return this.#change(page, client.snooze(ids, until));
      }
      case 'clear':
        return this.#change(page, client.clear(shownThrough));
      case 'read all':
        return this.#change(page, client.readAll(shownThrough));
      case 'seen':
        if (choice % 2 === 0) return this.#post(page, 'seen', { throughId: shownThrough }, [200]);
        return this.#post(page, 'seen', { ids: [items[choice % 4]?.id ?? 1] }, [200]);
      case 'undo':
        return this.#undo(page, choice);
      case 'act':
        // There is no such action; or, since a back-up was put back, no such item.
        return this.#post(page, 'act', { id: items[0]?.id ?? 1, action: 'accept' }, [404, 422]);
      case 'load more':
        return this.#ignore(client.loadMore());
      case 'load more of a view':
        return this.#ignore(chosenOf(page.lists, choice).list.loadMore());
      case 'leave or return to a view':
        return page.toggle(chosenOf(page.lists, choice));
      case 'wait':
        return this.#wait([50, 700, 2_100, 5_000][choice % 4] as number);
      case 'wait long':
        if (choice % 2 === 0) return this.#wait(HEARTBEAT_MS + 1_000);
        // What was done so long ago may be cleaned up from now on, of which no page is told.
        this.#countsDone = false;
        vi.setSystemTime(Date.now() + 8 * DAY_MS);
        return;
      case 'cut':
        return page.cut({ inFrame: choice % 2 === 0 });
      case 'stall':
        return page.stall();
      case 'flow':
        return page.flow();
      case 'requests':
        page.requests = (['answered', 'lost', 'unanswered', 'late'] satisfies Requests[])[
          choice % 4
        ] as Requests;
        return;
      case 'answer late':
        return page.answerLate();
      case 'hints':
        this.#bus.fate = (['delivered', 'lost', 'late', 'doubled', 'cut'] satisfies Fate[])[
          choice % 5
        ] as Fate;
        return;
      case 'release':
        return this.#bus.release({ newestFirst: choice % 2 === 0 });
      case 'topic': {
        const { notifications } = this.#anyInstance().belfry;
        const membership = { userId: page.userId, topic: TOPIC };
        return this.#ignore(
          choice % 3 === 0 ? notifications.unsubscribe(membership) : notifications.subscribe(membership),
        );
      }
      case 'mute': {
        const mode = (['muted', 'toast', 'inbox'] as const)[choice % 3] ?? 'toast';
        const categories = { system: { mode, sound: false, desktop: false } };
        return this.#ignore(client.settings.save({ categories, quietHours: null }));
      }
      case 'follow':
        return this.#ignore(client.settings[choice % 2 === 0 ? 'follow' : 'unfollow'](TOPIC));
      case 'stop':
      case 'kill': {
        await this.#wait(this.#restoredAt + LOOK_AGAIN_MS - Date.now());
        const [gone] = this.#instances.splice(choice % this.#instances.length, 1);
        await this.#activity.during(gone?.[what]() ?? Promise.resolve());
        return this.#start();
      }
      case 'back up':
        await this.#activity.settled();
        this.#isBackedUp = true;
        return backup.make();
      case 'restore':
        return this.#restore();
      case 'clean up':
        return this.#ignore(this.#anyInstance().belfry.cleanUp());
      case 'close':
        return page.close();
      case 'open':
        return page.open();
    }
  }

  /** The network is whole again, everything that is late arrives, and whatever looks now and then has looked. */
  async recover(): Promise<void> {
    this.#bus.fate = 'delivered';
    this.#bus.release();
    for (const page of this.#pages) {
      page.requests = 'answered';
      page.answerLate();
      page.flow();
      page.open();
      for (const each of page.lists) if (!each.unfollow) page.toggle(each);
    }
    await this.#activity.settled();
  }

  /** Sooner or later every page shows what the server has, and goes on doing so. */
  async compare(): Promise<void> {
    await this.#reconciled();
    await this.#wait(HEARTBEAT_MS + 1_000);
    await this.#reconciled();
    for (const { client } of this.#pages) {
      for (let pages = 0; client.view().hasMore && pages < 10; pages += 1) {
        await this.#activity.during(client.loadMore());
      }
    }
    await this.#reconciled();
    expect(this.#pages.map(({ client }) => client.view().hasMore)).toEqual([false, false, false]);
    this.#assertNoProblem();
  }

  async #reconciled(): Promise<void> {
    await this.#activity.settled();
    let difference = await this.#difference();
    for (let waited = 0; difference !== null && waited < RECONCILED_WITHIN_MS; waited += 2_000) {
      await this.#wait(2_000);
      difference = await this.#difference();
    }
    expect(difference).toBeNull();
  }

  async #start(): Promise<void> {
    const instance = new Instance({ database: port, bus: this.#bus.port(), activity: this.#activity });
    await instance.start();
    this.#instances.push(instance);
  }

  #addPage(userId: string, name: string): Page {
    const page: Page = new Page({
      userId,
      name,
      activity: this.#activity,
      server: (asking, request) => this.#anyInstance().answer(asking, request),
      onNews: (items) => this.#announce(page, items),
    });
    this.#announced.set(page, new Map());
    page.client.subscribe(() => this.#inspect(page.client));
    this.#pages.push(page);
    page.open();
    return page;
  }

  /** They take turns, as behind a proxy. */
  #anyInstance(): Instance {
    this.#turn += 1;
    return this.#instances[this.#turn % this.#instances.length] as Instance;
  }

  #send(choice: number): void {
    this.#sent += 1;
    const audiences: AudienceInput[] = [
      'everyone',
      { user: 'ada' },
      { user: 'ben' },
      { users: ['ada', 'ben'] },
      { users: ['ben', 'cleo', 'ada'] },
      { topic: TOPIC },
    ];
    const sending = {
      to: audiences[choice % audiences.length] as AudienceInput,
      payload: { title: `Number ${this.#sent}`, message: 'Read me.' },
      priority: PRIORITIES[(choice >> 3) % 4],
      expiresIn: choice % 5 === 0 ? 1 + (choice % 23) : undefined,
    };
    const { notifications } = this.#anyInstance().belfry;
    // Some within a transaction of the app's own.
    const sent =
      choice % 7 === 0
        ? this.#activity.during(
            database.db.$transaction((tx) => notifications.notify(SystemNotification, sending, { tx })),
          )
        : notifications.notify(SystemNotification, sending);
    this.#ignore(sent);
  }

  async #sendMany(count: number): Promise<void> {
    const data = Array.from({ length: count }, (_, n) => ({
      eventType: 'SystemNotification',
      priority: n % 40 === 0 ? 3 : 1,
      payload: JSON.stringify({ title: `Earlier ${n}`, message: 'Read me.' }),
      createdAt: new Date(),
    }));
    await database.db.belfryEvent.createMany({ data });
  }

  #change(page: Page, made: Promise<ChangeAnswer>): void {
    this.#ignore(
      made.then(({ undo }) => {
        if (undo !== undefined) page.undos.push(undo);
      }),
    );
  }

  /** Something of its own, of the person's other page, of somebody else's; the newest, older ones, used ones. */
  #undo(page: Page, choice: number): void {
    const owners = choice % 3 === 0 ? this.#pages : [page];
    const known = owners.flatMap(({ userId, undos }) => undos.map((undo) => ({ userId, undo })));
    const chosen = known.at(-1 - (choice % 4));
    if (!chosen) return;
    this.#ignore(
      page.client.undo(chosen.undo).then(() => {
        if (chosen.userId !== page.userId) this.#problems.push(`${page.userId} undid what was not theirs`);
        if (this.#undone.has(chosen.undo)) this.#problems.push(`undone twice: ${chosen.undo}`);
        this.#undone.add(chosen.undo);
      }),
    );
  }

  #post(page: Page, name: string, body: object, statuses: number[]): void {
    const request = new Request(`http://belfry.test/notifications/${name}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    this.#ignore(
      page.ask(request).then(({ status }) => {
        if (!statuses.includes(status)) this.#problems.push(`${name} was answered with ${status}`);
      }),
    );
  }

  /** Nobody waits for it, and it may fail. */
  #ignore(work: Promise<unknown>): void {
    work.catch(() => {});
  }

  async #wait(milliseconds: number): Promise<void> {
    await this.#activity.settled();
    for (let left = milliseconds; left > 0; left -= 1_000) {
      vi.advanceTimersByTime(Math.min(left, 1_000));
      await this.#activity.settled();
    }
  }

  async #restore(): Promise<void> {
    if (!this.#isBackedUp) return;
    await this.#activity.settled();
    await backup.putBack();
    // What was done since has not been done.
    this.#undone.clear();
    this.#restoredAt = Date.now();
    // What was sent or woken since has not been: it may be again, out of the restored outbox and jobs, and is new then.
    const [newest] = await port.query<{ id: bigint | number | null }>(
      sql`SELECT MAX("id") AS "id" FROM "belfry_event"`,
    );
    for (const announced of this.#announced.values()) {
      for (const [event, { id }] of announced) {
        if (event.startsWith('woken') || id > toNumber(newest?.id)) announced.delete(event);
      }
    }
  }

  #announce(page: Page, items: readonly Item[]): void {
    const announced = this.#announced.get(page);
    for (const { id, orderId, createdAt } of items) {
      const event = `${id === orderId ? 'sent' : 'woken'} ${id} of ${createdAt} at ${orderId}`;
      const times = (announced?.get(event)?.times ?? 0) + 1;
      const most = id === orderId ? 1 : (this.#snoozes.get(`${page.userId} ${id}`) ?? 0);
      if (times > most) this.#problems.push(`announced too often: ${event}`);
      announced?.set(event, { id, times });
    }
  }

  #inspect(client: InboxClient): void {
    const { items, totals } = client.view();
    const ids = items.map(({ id }) => id);
    if (new Set(ids).size < ids.length) this.#problems.push(`in the list twice: ${ids}`);
    if (Math.min(...Object.values(totals)) < 0) this.#problems.push(`below 0: ${JSON.stringify(totals)}`);
    if (totals.unread > totals.inbox)
      this.#problems.push(`more unread than there are: ${JSON.stringify(totals)}`);
  }

  #assertNoProblem(): void {
    expect(this.#problems).toEqual([]);
  }

  /** What a page shows otherwise than the server has it; null when there is nothing. */
  async #difference(): Promise<string | null> {
    for (const userId of USERS) {
      const truth = await this.#truth(userId);
      for (const page of this.#pages.filter((each) => each.userId === userId)) {
        const difference = (await this.#differenceOf(page, truth)) ?? (await this.#differenceOfViews(page));
        if (difference !== null) return `${page.key}: ${difference}`;
      }
    }
    return null;
  }

  /** All that a user has of a view, and its first page. */
  async #read(userId: string, filter: ItemFilter): Promise<{ items: Item[]; first: InboxPage }> {
    const { notifications } = this.#anyInstance().belfry;
    let page = await notifications.fetchPage({ userId, limit: 100, ...filter });
    const first = page;
    const items = [...page.notifications];
    while (page.nextCursor !== null) {
      page = await notifications.fetchPage({ userId, limit: 100, cursor: page.nextCursor, ...filter });
      items.push(...page.notifications);
    }
    return { items, first };
  }

  async #truth(userId: string): Promise<Truth> {
    const { items, first } = await this.#read(userId, {});
    // One that remembers nothing.
    const [recipient] = await port.query<{ id: bigint | number }>(
      sql`SELECT "id" FROM "belfry_recipient" WHERE "external_id" = ${userId}`,
    );
    const { totals } = await new InboxReader(port).readSummary(toNumber(recipient?.id));
    const { settings } = await this.#anyInstance().belfry.notifications.readSettings({ userId });
    return { items, totals, first, settings };
  }

  async #differenceOfViews(page: Page): Promise<string | null> {
    for (const { filter, list } of page.lists) {
      // What was cleaned up since is told to nobody.
      if (!this.#countsDone && (filter.view === 'done' || filter.view === 'all')) continue;
      const { items, status, hasMore } = list.view();
      const { items: there } = await this.#read(page.userId, filter);
      const name = JSON.stringify(filter);
      if (status !== 'ready') return `${name}: ${status}`;
      const last = items.at(-1)?.id;
      const length = hasMore ? there.findIndex(({ id }) => id === last) + 1 : there.length;
      const [shown, expected] = [items.map(plain), there.slice(0, length).map(plain)];
      if (shown.join() !== expected.join())
        return `${name} shows ${shown.join('\n')}\nand there are ${expected.join('\n')}`;
    }
    return null;
  }

  async #differenceOf(page: Page, { items, totals, first, settings }: Truth): Promise<string | null> {
    const view = page.client.view();
    const known = page.client.settings.view().settings;
    if (JSON.stringify(known) !== JSON.stringify(settings)) {
      return `obeys ${JSON.stringify(known)}, and what was said is ${JSON.stringify(settings)}`;
    }
    if (view.status !== 'ready' || view.connection !== 'live') return `${view.status}, ${view.connection}`;
    for (const [whose, counted] of [
      ['polled', first.totals],
      ['shown', view.totals],
    ] as const) {
      if (this.#countsDone && counted.done !== totals.done) {
        return `${whose} ${counted.done} done, and there are ${totals.done}`;
      }
      if (JSON.stringify({ ...counted, done: 0 }) !== JSON.stringify({ ...totals, done: 0 })) {
        return `${whose} ${JSON.stringify(counted)}, and there are ${JSON.stringify(totals)}`;
      }
    }
    const shown = view.items.map(plain);
    const end = view.hasMore ? view.items.at(-1)?.id : undefined;
    const length = view.hasMore ? items.findIndex(({ id }) => id === end) + 1 : items.length;
    const pinned = items.slice(length).filter((item) => isUnread(item) && isUrgent(item));
    const expected = [...(view.hasMore ? pinned : []), ...items.slice(0, length)].map(plain);
    if (shown.join() !== expected.join())
      return `shown ${shown.join('\n')}\nand there are ${expected.join('\n')}`;
    const [at, there] = [parseState(view.position ?? ''), parseState(first.state)];
    // Each instance calls its history by a name of its own, and a page keeps the one that it was told.
    if (at?.history === there?.history && view.position !== first.state) {
      return `shown as of ${view.position}, and it is ${first.state}`;
    }
    return null;
  }
}

/** What one person has, all of it. */
interface Truth {
  items: Item[];
  totals: Totals;
  first: InboxPage;
  settings: NotificationSettings;
}

function chosenOf<One>(all: readonly One[], choice: number): One {
  return all[choice % all.length] as One;
}

const isUrgent = ({ priority }: Item) => priority === 'HIGH' || priority === 'CRITICAL';

/** All that is said of an item. Of the marks that cover it the earliest may be taken back: its time moves, and nobody is told. */
function plain({ isRecovered: _, seenAt, readAt, doneAt, ...rest }: Item): string {
  const states = { isSeen: seenAt !== null, isRead: readAt !== null, isDone: doneAt !== null };
  return JSON.stringify({ ...rest, ...states });
}
