import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addEvent,
  applyBacklog,
  applyClear,
  applyFrame,
  applyPage,
  confirmDismissal,
  dismissEvents,
  EMPTY_INBOX,
  type InboxFrame,
  type InboxState,
  idsThatLeft,
  listEvents,
  type NotificationEvent,
  nextExpiry,
  type PollAnswer,
  removeExpired,
  type Totals,
  undoDismissal,
  unreadTotal,
  withTotals,
} from '../../components/notifications/inbox-state.ts';

function notification(id: number, overrides: Partial<NotificationEvent> = {}): NotificationEvent {
  return {
    id,
    eventType: 'SystemNotification',
    priority: 'NORMAL',
    createdAt: '2030-01-01T00:00:00.000Z',
    expiresAt: null,
    targetUserId: null,
    payload: { title: `Title ${id}`, message: 'Message' },
    isRecovered: false,
    ...overrides,
  };
}

const FIRST_READ = Date.UTC(2030, 0, 1);

function totals(overrides: Partial<Totals> = {}): Totals {
  return {
    unreadTotal: 0,
    asOf: 0,
    revision: 0,
    readAt: new Date(FIRST_READ).toISOString(),
    nextExpiresAt: null,
    ...overrides,
  };
}

function page(ids: number[], overrides: Partial<PollAnswer> = {}): PollAnswer {
  const asOf = Math.max(0, ...ids);
  return {
    ...totals({ unreadTotal: ids.length, asOf }),
    notifications: ids.map((id) => notification(id)),
    nextCursor: null,
    ...overrides,
  };
}

const ids = (state: InboxState) => listEvents(state).map(({ id }) => id);

describe('what arrives', () => {
  test('the list is newest first, in whatever order things came, and knows each once', () => {
    const state = [3, 1, 2, 3, 1].reduce((now, id) => addEvent(now, notification(id)), EMPTY_INBOX);
    expect(ids(state)).toEqual([3, 2, 1]);
  });

  test('what is known already changes nothing, not even the object', () => {
    const state = addEvent(EMPTY_INBOX, notification(1));
    expect(addEvent(state, notification(1, { isRecovered: true }))).toBe(state);
  });

  test('before the server has said a number, the badge counts what is there', () => {
    expect(unreadTotal(addEvent(EMPTY_INBOX, notification(1)))).toBe(1);
  });

  test('a live event counts once, whether the totals that come with it had counted it or not', () => {
    const counted = applyFrame(EMPTY_INBOX, totals({ unreadTotal: 5, asOf: 9 }));
    expect(unreadTotal(addEvent(counted, notification(9)))).toBe(5);
    expect(unreadTotal(addEvent(counted, notification(10)))).toBe(6);
  });

  test.each<[string, Partial<Totals>]>([
    ['an older revision', { revision: 1, asOf: 99, readAt: new Date(FIRST_READ + 9_000).toISOString() }],
    ['an older event', { revision: 2, asOf: 4, readAt: new Date(FIRST_READ + 9_000).toISOString() }],
    ['an earlier instant', { revision: 2, asOf: 5, readAt: new Date(FIRST_READ - 1).toISOString() }],
  ])('of two totals, the one of %s gives way', (_, older) => {
    const newer = totals({ unreadTotal: 3, revision: 2, asOf: 5 });
    const state = withTotals(EMPTY_INBOX, newer);
    expect(withTotals(state, totals({ unreadTotal: 7, ...older }))).toBe(state);
    expect(
      unreadTotal(withTotals(withTotals(EMPTY_INBOX, totals({ unreadTotal: 7, ...older })), newer)),
    ).toBe(3);
  });
});

describe('dismissals', () => {
  test('a dismissal that overtakes its event wins over it', () => {
    const state = confirmDismissal(EMPTY_INBOX, [7]);
    expect(ids(addEvent(state, notification(7)))).toEqual([]);
    expect(ids(applyPage(state, page([7, 8]), null))).toEqual([8]);
    const start = totals({ unreadTotal: 2, asOf: 8 });
    expect(ids(applyBacklog(state, start, [notification(7), notification(8)]))).toEqual([8]);
  });

  test('a dismissal shows at once, in the list and in the badge, and a refusal puts it back', () => {
    const before = applyPage(EMPTY_INBOX, page([1, 2, 3]), null);
    const dismissed = dismissEvents(before, [2, 99]);
    expect([ids(dismissed), unreadTotal(dismissed)]).toEqual([[3, 1], 2]);
    const undone = undoDismissal(dismissed, [2, 99]);
    expect([ids(undone), unreadTotal(undone)]).toEqual([[3, 2, 1], 3]);
  });

  test('a refusal does not bring back what another device has dismissed meanwhile', () => {
    const dismissed = dismissEvents(applyPage(EMPTY_INBOX, page([1, 2]), null), [2]);
    const elsewhere = { ...totals({ unreadTotal: 1, asOf: 2, revision: 1 }), dismissed: [2] };
    expect(ids(undoDismissal(applyFrame(dismissed, elsewhere), [2]))).toEqual([1]);
  });

  test('nor what another device has cleared meanwhile', () => {
    const dismissed = dismissEvents(applyPage(EMPTY_INBOX, page([1, 2]), null), [2]);
    expect(ids(undoDismissal(applyClear(dismissed, 2), [2]))).toEqual([]);
  });

  test('nor what a newer answer of the server no longer holds', () => {
    const dismissed = dismissEvents(applyPage(EMPTY_INBOX, page([1, 2]), null), [2]);
    const polled = applyPage(dismissed, page([1], { asOf: 2, revision: 1 }), null);
    expect(unreadTotal(polled)).toBe(1);
    expect(ids(undoDismissal(polled, [2]))).toEqual([1]);
  });

  test('while a dismissal is on its way, an answer from before it does not bring the event back', () => {
    const dismissed = dismissEvents(applyPage(EMPTY_INBOX, page([1, 2]), null), [2]);
    const polled = applyPage(dismissed, page([1, 2]), null);
    expect([ids(polled), unreadTotal(polled)]).toEqual([[1], 1]);
  });

  test('dismissing twice, here and elsewhere, counts once', () => {
    const once = dismissEvents(dismissEvents(applyPage(EMPTY_INBOX, page([1, 2]), null), [2]), [2]);
    const answer = totals({ unreadTotal: 1, asOf: 2, revision: 1 });
    const confirmed = withTotals(
      confirmDismissal(applyFrame(once, { ...answer, dismissed: [2] }), [2]),
      answer,
    );
    expect(unreadTotal(confirmed)).toBe(1);
    expect(ids(undoDismissal(confirmed, [2]))).toEqual([1]);
  });

  test('clearing takes everything up to its mark, and nothing above it', () => {
    const state = applyClear(applyPage(EMPTY_INBOX, page([1, 2, 3]), null), 2);
    expect(ids(state)).toEqual([3]);
    expect(ids(addEvent(addEvent(state, notification(2)), notification(4)))).toEqual([4, 3]);
  });

  test('clears that come in the wrong order keep the higher mark', () => {
    const state = applyClear(applyClear(EMPTY_INBOX, 9), 4);
    expect(ids(addEvent(state, notification(7)))).toEqual([]);
  });
});

describe('pages', () => {
  test('what a page no longer holds was dismissed elsewhere', () => {
    const state = applyPage(EMPTY_INBOX, page([1, 2, 3]), null);
    expect(ids(applyPage(state, page([1, 3], { revision: 1 }), null))).toEqual([3, 1]);
  });

  test('a page says nothing of what is newer than it, or older than its last', () => {
    const state = [1, 2, 9].reduce((now, id) => addEvent(now, notification(id)), EMPTY_INBOX);
    const newest = page([8, 7], { asOf: 8, unreadTotal: 4, nextCursor: 7 });
    expect(ids(applyPage(state, newest, null))).toEqual([9, 8, 7, 2, 1]);
  });

  test('an answer that was overtaken does not bring back what a newer one no longer held', () => {
    const fresh = applyPage(EMPTY_INBOX, page([1, 3], { revision: 1 }), null);
    const stale = applyPage(fresh, page([1, 2, 3]), null);
    expect([ids(stale), unreadTotal(stale)]).toEqual([[3, 1], 2]);
  });

  test('older pages stay when the newest is read again, and the next one begins below them', () => {
    const first = applyPage(EMPTY_INBOX, page([9, 8], { unreadTotal: 6, nextCursor: 8 }), null);
    const second = applyPage(first, page([7, 6], { asOf: 9, unreadTotal: 6, nextCursor: 6 }), 8);
    const again = applyPage(second, page([9, 8], { unreadTotal: 6, nextCursor: 8 }), null);
    expect([ids(again), again.nextCursor]).toEqual([[9, 8, 7, 6], 6]);
  });

  test('when so much is new that the newest page does not reach what is known, the gap can be loaded', () => {
    const before = applyPage(EMPTY_INBOX, page([5, 4], { unreadTotal: 5, nextCursor: 4 }), null);
    const after = applyPage(before, page([20, 19], { unreadTotal: 20, nextCursor: 19 }), null);
    expect(after.nextCursor).toBe(19);
    const gap = page([18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6], {
      asOf: 20,
      unreadTotal: 20,
      nextCursor: 6,
    });
    const filled = applyPage(after, gap, 19);
    expect(ids(filled)).toEqual([20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4]);
  });

  test('a backlog that holds all there is drops what it does not hold; a part of it drops nothing', () => {
    const state = applyPage(EMPTY_INBOX, page([1, 2, 3]), null);
    const all = totals({ unreadTotal: 1, asOf: 3, revision: 1 });
    expect(ids(applyBacklog(state, all, [notification(2)]))).toEqual([2]);
    const part = totals({ unreadTotal: 2, asOf: 3, revision: 1 });
    expect(ids(applyBacklog(state, part, [notification(2)]))).toEqual([3, 2, 1]);
  });
});

describe('after an outage', () => {
  const first = page([9, 8], { unreadTotal: 200, nextCursor: 8 });
  const second = page([7, 6, 5], { asOf: 9, unreadTotal: 200, nextCursor: 5 });
  const loaded = applyPage(applyPage(EMPTY_INBOX, first, null), second, 8);

  function reconnect(revision: number) {
    const frame = { ...totals({ unreadTotal: 200, asOf: 9, revision }), backlog: 1 };
    return applyBacklog(applyFrame(loaded, frame), frame, [notification(7)]);
  }

  test('in which something was dismissed, older pages are read again from below the first one', () => {
    const after = applyPage(reconnect(1), { ...first, revision: 1 }, null);
    // What the stream itself brought is still there.
    expect([ids(after), after.nextCursor]).toEqual([[9, 8, 7], 8]);
    const older = page([7, 5], { asOf: 9, revision: 1, unreadTotal: 200, nextCursor: 5 });
    expect(ids(applyPage(after, older, 8))).toEqual([9, 8, 7, 5]);
  });

  test('an answer from before it confirms nothing, and a dismissal heard of meanwhile is no hindrance', () => {
    const stale = applyPage(reconnect(1), first, null);
    expect(ids(stale)).toEqual([9, 8, 7, 6, 5]);
    const heard = applyFrame(stale, {
      ...totals({ unreadTotal: 199, asOf: 9, revision: 2 }),
      dismissed: [9],
    });
    expect(ids(applyPage(heard, { ...first, revision: 1 }, null))).toEqual([8, 7]);
  });

  test('in which nothing was dismissed, older pages stay', () => {
    const after = applyPage(reconnect(0), first, null);
    expect([ids(after), after.nextCursor]).toEqual([[9, 8, 7, 6, 5], 5]);
  });

  test('without a stream, a page of a later revision does the same', () => {
    const after = applyPage(loaded, { ...first, revision: 1 }, null);
    expect([ids(after), after.nextCursor]).toEqual([[9, 8], 8]);
  });

  test('what left, however it left, is known by its id', () => {
    expect(idsThatLeft(loaded, applyPage(loaded, page([9], { revision: 1 }), null))).toEqual([8, 7, 6, 5]);
    expect(idsThatLeft(loaded, addEvent(loaded, notification(10)))).toEqual([]);
  });
});

describe('a database that was put back', () => {
  const later = new Date(FIRST_READ + 60_000).toISOString();
  const before = applyPage(EMPTY_INBOX, page([8, 9], { revision: 3 }), null);

  test('makes the inbox begin anew with the next stream', () => {
    const frame = { ...totals({ unreadTotal: 1, asOf: 5, revision: 1, readAt: later }), backlog: 1 };
    const after = applyBacklog(applyFrame(before, frame), frame, [notification(5)]);
    expect([ids(after), unreadTotal(after)]).toEqual([[5], 1]);
    expect(ids(addEvent(after, notification(6)))).toEqual([6, 5]);
  });

  test('is not what a frame in the middle of a stream tells of, which was only overtaken', () => {
    const frame = { ...totals({ unreadTotal: 1, asOf: 8, revision: 4, readAt: later }), dismissed: [8] };
    expect(ids(applyFrame(before, frame))).toEqual([9]);
  });
});

describe('expiry', () => {
  const at = (ms: number) => new Date(FIRST_READ + ms).toISOString();

  test('what expires next is known also when the server could not be asked again', () => {
    const notifications = [notification(1, { expiresAt: at(30) }), notification(2, { expiresAt: at(20) })];
    const state = applyPage(EMPTY_INBOX, page([1, 2], { notifications, nextExpiresAt: at(10) }), null);
    expect(nextExpiry(state)).toBe(FIRST_READ + 10);
    const second = removeExpired(state, FIRST_READ + 10);
    expect([ids(second), nextExpiry(second)]).toEqual([[2, 1], FIRST_READ + 20]);
    const third = removeExpired(second, FIRST_READ + 20);
    expect([ids(third), nextExpiry(third)]).toEqual([[1], FIRST_READ + 30]);
    expect(nextExpiry(removeExpired(third, FIRST_READ + 30))).toBeNull();
  });

  test('what expires leaves the list and the badge at the very millisecond', () => {
    const notifications = [notification(1, { expiresAt: at(10) }), notification(2)];
    const state = applyPage(EMPTY_INBOX, page([1, 2], { notifications }), null);
    expect(removeExpired(state, FIRST_READ + 9)).toBe(state);
    const later = removeExpired(state, FIRST_READ + 10);
    expect([ids(later), unreadTotal(later)]).toEqual([[2], 1]);
  });

  test('an event that the totals had not counted is not taken off them', () => {
    const state = addEvent(applyPage(EMPTY_INBOX, page([1]), null), notification(2, { expiresAt: at(10) }));
    expect(unreadTotal(removeExpired(state, FIRST_READ + 10))).toBe(1);
  });
});

describe('as a set', () => {
  const PAGE_SIZE = 4;

  /** A server as simple as can be, and the messages that it would send. */
  class Server {
    unread: number[] = [];
    lastId = 0;
    revision = 0;
    reads = 0;

    totals(): Totals {
      this.reads += 1;
      return {
        unreadTotal: this.unread.length,
        asOf: this.lastId,
        revision: this.revision,
        readAt: new Date(FIRST_READ + this.reads).toISOString(),
        nextExpiresAt: null,
      };
    }

    create(): NotificationEvent {
      this.lastId += 1;
      this.unread.unshift(this.lastId);
      return notification(this.lastId);
    }

    dismiss(which: number[]): InboxFrame | null {
      const dismissed = which.filter((id) => this.unread.includes(id));
      if (dismissed.length === 0) return null;
      this.unread = this.unread.filter((id) => !dismissed.includes(id));
      this.revision += 1;
      return { ...this.totals(), dismissed };
    }

    clear(): InboxFrame & { clearedThroughId: number } {
      this.unread = [];
      this.revision += 1;
      return { ...this.totals(), cleared: true, clearedThroughId: this.lastId };
    }

    page(cursor: number | null, size = PAGE_SIZE): PollAnswer {
      const below = this.unread.filter((id) => cursor === null || id < cursor);
      const shown = below.slice(0, size);
      return {
        ...this.totals(),
        notifications: shown.map((id) => notification(id, { isRecovered: true })),
        nextCursor: below.length > size ? (shown.at(-1) ?? null) : null,
      };
    }

    /** The most urgent come first: here every second one, so that the newest are not always among them. */
    backlog(): { frame: InboxFrame; events: NotificationEvent[] } {
      const urgentFirst = this.unread.toSorted((a, b) => (a % 2) - (b % 2) || b - a).slice(0, PAGE_SIZE);
      const events = urgentFirst.map((id) => notification(id, { isRecovered: true }));
      return { frame: { ...this.totals(), backlog: events.length }, events };
    }
  }

  type Change = (state: InboxState) => InboxState;
  interface Message {
    change: Change;
    /** An answer comes once; what comes down a stream, or from one that was reopened, may come again. */
    kind: 'stream' | 'answer';
  }

  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constant('create' as const) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('dismissElsewhere' as const), which: fc.nat(9) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('clearElsewhere' as const) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('poll' as const) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('loadMore' as const) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('reconnect' as const) }) },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('dismissHere' as const),
        which: fc.nat(9),
        // `lost`: the server did it, and its answer never came.
        outcome: fc.constantFrom('ok' as const, 'refused' as const, 'lost' as const),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('clearHere' as const),
        outcome: fc.constantFrom('ok' as const, 'refused' as const, 'lost' as const),
      }),
    },
    {
      weight: 8,
      arbitrary: fc.record({ do: fc.constant('deliver' as const), which: fc.nat(), again: fc.boolean() }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('lose' as const), which: fc.nat() }) },
  );
  type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

  function run(steps: Step[], shuffle: number[], { losesFrames }: { losesFrames: boolean }) {
    const server = new Server();
    let client = EMPTY_INBOX;
    const wire: Message[] = [];
    const send = (kind: Message['kind'], change: Change) => wire.push({ kind, change });
    const stream = (frame: InboxFrame | null) => frame && send('stream', (state) => applyFrame(state, frame));
    const goneForGood = new Set<number>();

    const deliver = (which: number, again = false) => {
      const at = which % Math.max(wire.length, 1);
      const message = wire[at];
      if (!message) return;
      client = message.change(client);
      if (!again || message.kind === 'answer') wire.splice(at, 1);
      expect(unreadTotal(client)).toBeGreaterThanOrEqual(0);
      expect(ids(client).filter((id) => goneForGood.has(id))).toEqual([]);
    };

    for (const current of steps) {
      switch (current.do) {
        case 'create': {
          const event = server.create();
          send('stream', (state) => addEvent(state, event));
          break;
        }
        case 'dismissElsewhere':
          stream(server.dismiss(server.unread.slice(current.which, current.which + 2)));
          break;
        case 'clearElsewhere':
          stream(server.clear());
          break;
        case 'poll': {
          const answer = server.page(null);
          send('answer', (state) => applyPage(state, answer, null));
          break;
        }
        case 'loadMore': {
          const cursor = client.nextCursor;
          if (cursor === null) break;
          const answer = server.page(cursor);
          send('answer', (state) => applyPage(state, answer, cursor));
          break;
        }
        case 'reconnect': {
          const { frame, events } = server.backlog();
          send('stream', (state) => applyBacklog(applyFrame(state, frame), frame, events));
          break;
        }
        case 'dismissHere': {
          const chosen = ids(client).slice(current.which, current.which + 2);
          if (chosen.length === 0) break;
          client = dismissEvents(client, chosen);
          if (current.outcome !== 'refused') stream(server.dismiss(chosen));
          const answer = server.totals();
          send('answer', (state) => {
            if (current.outcome !== 'ok') return undoDismissal(state, chosen);
            for (const id of chosen) goneForGood.add(id);
            return withTotals(confirmDismissal(state, chosen), answer);
          });
          break;
        }
        case 'clearHere': {
          const chosen = ids(client);
          client = dismissEvents(client, chosen);
          const frame = current.outcome === 'refused' ? null : server.clear();
          stream(frame);
          send('answer', (state) => {
            if (!frame || current.outcome !== 'ok') return undoDismissal(state, chosen);
            return withTotals(applyClear(state, frame.clearedThroughId), frame);
          });
          break;
        }
        case 'deliver':
          deliver(current.which, current.again);
          break;
        case 'lose': {
          const at = current.which % Math.max(wire.length, 1);
          if (losesFrames && wire[at]?.kind === 'stream') wire.splice(at, 1);
          break;
        }
      }
    }
    // Whoever missed something reads it all again; that answer may overtake what is still on its way.
    if (losesFrames) {
      const answer = server.page(null, Number.POSITIVE_INFINITY);
      send('answer', (state) => applyPage(state, answer, null));
    }
    for (let turn = 0; wire.length > 0; turn += 1) deliver(shuffle[turn % shuffle.length] ?? 0);
    return { server, client };
  }

  const shuffle = fc.array(fc.nat(), { minLength: 1, maxLength: 30 });
  const steps = fc.array(step, { maxLength: 50 });

  test('in any order, and some of it twice, what arrives adds up to what the server has', () => {
    fc.assert(
      fc.property(steps, shuffle, (given, order) => {
        const { server, client } = run(given, order, { losesFrames: false });
        expect(ids(client)).toEqual(server.unread);
        // Nothing need have said a number yet.
        if (client.totals) expect(unreadTotal(client)).toBe(server.unread.length);
      }),
      { numRuns: 400 },
    );
  });

  test('with frames lost on the way, one complete answer puts it right, wherever it comes in between', () => {
    fc.assert(
      fc.property(steps, shuffle, (given, order) => {
        const { server, client } = run(given, order, { losesFrames: true });
        expect(ids(client)).toEqual(server.unread);
        expect(unreadTotal(client)).toBe(server.unread.length);
        expect(client.nextCursor).toBeNull();
      }),
      { numRuns: 400 },
    );
  });

  test('loading more until there is no more shows everything, whatever arrived before', () => {
    fc.assert(
      fc.property(steps, shuffle, (given, order) => {
        let { server, client } = run(given, order, { losesFrames: false });
        client = applyPage(client, server.page(null), null);
        for (let turns = 0; client.nextCursor !== null; turns += 1) {
          expect(turns).toBeLessThan(60);
          client = applyPage(client, server.page(client.nextCursor), client.nextCursor);
        }
        expect(ids(client)).toEqual(server.unread);
        expect(unreadTotal(client)).toBe(server.unread.length);
      }),
      { numRuns: 200 },
    );
  });
});
