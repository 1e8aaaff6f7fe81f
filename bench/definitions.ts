/**
 * What it costs to read an inbox of many kinds of notifications, beside one of a single kind: a page of 50 out of 10,000
 * items, worded for its reader and written as JSON.
 *
 *     npm run bench -- --only definitions
 *
 * They take turns, round by round, and the median of the rounds counts.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { createBelfry } from '../lib/belfry/create-belfry.ts';
import { defineNotification, type NotificationType } from '../lib/belfry/definitions/notification-type.ts';
import { EventTypeRegistry } from '../lib/belfry/definitions/registry.ts';
import { SystemNotification } from '../lib/belfry/notifications/system-notification.ts';
import { openDatabase, sqlOf } from '../lib/database/db.ts';
import { migrate } from '../lib/database/migrations.ts';
import { median } from './median.ts';

const ITEMS = 10_000;
const PAGE = 50;
const TYPES = 20;
const READS = 200;
const ROUNDS = 9;
const WARM_UP_ROUNDS = 2;
const BATCH = 500;

export interface DefinitionFigures {
  /** What the 10,000 are of. */
  name: string;
  /** Microseconds of CPU of this process. */
  poll: number;
}

function commentType(n: number): NotificationType {
  return defineNotification({
    name: `Comment${n}`,
    payload: z.object({ author: z.string(), post: z.string(), count: z.int(), at: z.string() }),
    category: `comments-${n}`,
    messages: {
      en: {
        title: '{author} {count, plural, one {commented} other {commented # times}} on {post}',
        when: 'Last on {at, date, medium} at {at, time, short}',
        reply: 'Reply',
        mute: 'Mute',
      },
    },
    render: ({ payload, t }) => ({
      title: t('title', payload),
      message: t('when', { at: new Date(payload.at) }),
      link: `/posts/${payload.post}`,
    }),
    actions: {
      reply: { label: 'reply', link: ({ post }) => `/posts/${post}#reply` },
      mute: { label: 'mute' },
    },
  }) as NotificationType;
}

/** On a database of its own. */
export async function measureDefinitions(): Promise<DefinitionFigures[]> {
  const folder = mkdtempSync(join(tmpdir(), 'belfry-bench-'));
  const url = `file:${join(folder, 'belfry.db')}`;
  await migrate(url);
  const db = openDatabase(url);
  const types = Array.from({ length: TYPES }, (_, n) => commentType(n));
  const registry = new EventTypeRegistry();
  registry.registerAll([SystemNotification, ...types]);
  const belfry = createBelfry({ database: sqlOf(db), types: registry });
  try {
    await belfry.start();
    const contestants = [
      { name: 'SystemNotification', userId: '1', of: [SystemNotification as NotificationType] },
      { name: 'one type', userId: '2', of: types.slice(0, 1) },
      { name: `${TYPES} types`, userId: '3', of: types },
    ].map((contestant) => ({ ...contestant, rounds: [] as number[] }));
    for (const { userId, of } of contestants) await fill(userId, of);
    const reader = belfry.languages.readerOf({ locale: 'en-GB', timeZone: 'Europe/Berlin' });
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const { userId, rounds } of contestants) {
        const before = process.cpuUsage();
        for (let n = 0; n < READS; n += 1) {
          JSON.stringify(await belfry.notifications.fetchPage({ userId, limit: PAGE, reader }));
        }
        const { user, system } = process.cpuUsage(before);
        if (round >= WARM_UP_ROUNDS) rounds.push((user + system) / READS);
      }
    }
    return contestants.map(({ name, rounds }) => ({ name, poll: median(rounds) }));
  } finally {
    await belfry.shutdown();
    await db.$disconnect();
    rmSync(folder, { recursive: true });
  }

  async function fill(userId: string, of: readonly NotificationType[]): Promise<void> {
    const said = { author: 'Ben', post: '7', count: 3, at: '2030-01-31T12:00:00.000Z' };
    const [{ id: targetUserId }] = (await db.$queryRaw`
      INSERT INTO belfry_recipient (external_id) VALUES (${userId}) RETURNING id`) as [{ id: bigint }];
    for (let at = 0; at < ITEMS; at += BATCH) {
      const events = Array.from({ length: BATCH }, (_, n) => {
        const { name, priority } = of[(at + n) % of.length] as NotificationType;
        const payload = name === SystemNotification.name ? { title: 'Load', message: 'x'.repeat(60) } : said;
        return {
          id: null,
          eventType: name,
          priority,
          createdAt: new Date(),
          expiresAt: null,
          targetUserId: Number(targetUserId),
          target: userId,
          topicId: null,
          ...registry.keep(name, payload),
        };
      });
      await belfry.eventLog.append(events);
    }
  }
}

export function definitionsTable(rows: readonly DefinitionFigures[]): string {
  const one = rows.find(({ name }) => name === 'one type')?.poll ?? 1;
  return [
    `| 10,000 items of | poll of ${PAGE}, CPU µs | beside one type |`,
    '| --- | --- | --- |',
    ...rows.map(({ name, poll }) => `| ${name} | ${Math.round(poll)} | ${(poll / one).toFixed(2)} × |`),
  ].join('\n');
}
