/** A Belfry that sends nothing, and keeps what it was told to send. */
import type { Belfry, Sending } from '../create-belfry.ts';
import type { EventType } from '../definitions/event-type.ts';
import { reportSchema } from '../definitions/progress-type.ts';
import type { Delivery } from '../notifications/sending.ts';
import {
  deliverySchema,
  globalNotificationInput,
  parseSending,
  userNotificationInput,
} from '../notifications/sending.ts';
import { partsOf, SystemNotification } from '../notifications/system-notification.ts';
import { parseStarting } from '../progress/progress-jobs.ts';
import { type Audience, audienceSchema } from '../protocol/audience.ts';

/** What was sent: what the caller said, as it was understood. */
export interface SentNotification extends Delivery {
  /** The name of the type. */
  type: string;
  to: Audience;
  payload: unknown;
}

/** An ephemeral event that was sent. */
export interface SentEphemeral {
  type: string;
  userId: string;
  payload: unknown;
}

/** Everything that any fake of this process was told to send or to ask, in that order. Empty it with `sent.length = 0`. */
export const sent: SentNotification[] = [];

/** The same for ephemeral events. */
export const sentEvents: SentEphemeral[] = [];

/** What `ask` of any fake answers, one after the other; then nobody answers any more. */
export const answers: { action: string; input?: unknown; by?: string }[] = [];

/**
 * What a module has that exports a Belfry and what it sends with. It refuses what a real one would refuse of a payload, a
 * recipient or a time.
 *
 *     vi.mock('@/lib/belfry', async () => (await import('belfry/testing')).fakeBelfry());
 *     expect(sent).toContainEqual({ type: 'SystemNotification', to: { user: '7' }, payload: { title: 'Paid', message: 'Thanks.' } });
 */
export function fakeBelfry(): Sending & { belfry: Sending & Pick<Belfry, 'disconnect' | 'deleteUser'> } {
  const followed = new Map<string, Set<string>>();
  const follow = (topic: string) => followed.get(topic) ?? new Set<string>();

  function keep(type: EventType, said: unknown, to: Audience, delivery: Delivery): { id: number } {
    const payload = parseSending(type.payload, said);
    const given = Object.entries(delivery).filter(([, value]) => value !== undefined);
    sent.push({ type: type.name, to, payload, ...Object.fromEntries(given) });
    return { id: sent.length };
  }

  const sending: Sending = {
    async notify(type, { to, payload, ...delivery }) {
      return keep(type, payload, parseSending(audienceSchema, to), parseSending(deliverySchema, delivery));
    },
    async sendUserNotification(notification) {
      const { targetUserId, ...rest } = parseSending(userNotificationInput, notification);
      const { payload, delivery } = partsOf(rest);
      return keep(SystemNotification, payload, { user: targetUserId }, delivery);
    },
    async sendGlobalNotification(notification) {
      const { payload, delivery } = partsOf(parseSending(globalNotificationInput, notification));
      return keep(SystemNotification, payload, 'everyone', delivery);
    },
    async ask(type, { to, payload, timeout, key: _, signal: __, ...delivery }) {
      const expires = timeout === undefined ? {} : { expiresIn: timeout };
      const said = parseSending(deliverySchema, { ...delivery, ...expires });
      keep(type, payload, parseSending(audienceSchema, to), said);
      const next = answers.shift();
      return next ? ({ input: null, by: '1', at: new Date(), ...next } as never) : null;
    },
    async progress(type, starting) {
      const { user, key, payload } = parseStarting(starting);
      const kept = { key, startedAt: new Date().toISOString(), payload };
      const tell = (fraction: number | null, note: string | null) => {
        const progress = { state: 'running', ...parseSending(reportSchema, { fraction, note }) };
        const said = parseSending<unknown>(type.payload, { ...kept, progress });
        sentEvents.push({ type: type.name, userId: user, payload: said });
      };
      let isOver = false;
      const end = async (progress: object) => {
        if (!isOver) keep(type, { ...kept, progress }, { user }, {});
        isOver = true;
      };
      tell(null, null);
      return {
        key,
        report: (fraction, note = undefined) => {
          if (!isOver) tell(fraction, note ?? null);
        },
        done: (result) => end({ state: 'done', result }),
        fail: (reason) => end({ state: 'failed', reason }),
        [Symbol.asyncDispose]: () => end({ state: 'failed' }),
      };
    },
    async withdraw() {
      return true;
    },
    async sendEvent(type, userId, said) {
      sentEvents.push({ type: type.name, userId: String(userId), payload: parseSending(type.payload, said) });
      return true;
    },
    async connectedUsers() {
      return [];
    },
    async subscribe({ userId, topic }) {
      const followers = follow(topic);
      const changed = !followers.has(userId);
      followed.set(topic, followers.add(userId));
      return { changed };
    },
    async unsubscribe({ userId, topic }) {
      return { changed: follow(topic).delete(userId) };
    },
    async topicsOf(userId) {
      return [...followed].flatMap(([topic, followers]) => (followers.has(userId) ? topic : [])).sort();
    },
    async membersOf(topic) {
      return [...follow(topic)].sort();
    },
  };
  return {
    ...sending,
    belfry: {
      ...sending,
      async disconnect() {},
      async deleteUser(userId) {
        for (const followers of followed.values()) followers.delete(String(userId));
      },
    },
  };
}
