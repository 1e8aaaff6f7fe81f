/** What became of acknowledged sends: in the database, and on the screens of their addressees. */
import type { App } from './belfry.ts';
import type { Client } from './client.ts';
import type { Acknowledged } from './sending.ts';
import { comesTrue } from './waiting.ts';

export interface Delivery {
  /** Acknowledged, and no longer in the database. */
  lostRows: number;
  /** Rows beyond one for each send. */
  doubledRows: number;
  /** Acknowledged, and in an addressee's inbox missing. Counted for each addressee. */
  unseen: number;
  /** Announced to one person more than once. */
  announcedTwice: number;
  /** Carried twice by one connection. */
  carriedTwice: number;
}

export interface Addressee {
  userId: number;
  client: Client;
}

/** Waits until every addressee has everything, at most so long, and counts what is wrong. */
export async function countDelivery(
  belfry: App,
  acknowledged: readonly Acknowledged[],
  addressees: readonly Addressee[],
  limitMs: number,
): Promise<Delivery> {
  const missing = ({ userId, client }: Addressee) =>
    acknowledged.filter(
      ({ id, targetUserId }) => (targetUserId === null || targetUserId === userId) && !client.known.has(id),
    ).length;
  await comesTrue(() => addressees.every(({ client }) => client.isOpen), limitMs);
  // What came while they were away, beyond what a backlog holds, is in poll.
  await Promise.all(addressees.filter((one) => missing(one) > 0).map(({ client }) => client.readAllPages()));
  await comesTrue(() => addressees.every((one) => missing(one) === 0), limitMs);

  const rows = await belfry.stored();
  const stored = new Set(rows.map(({ id }) => id));
  const keys = new Set(rows.map(({ key }) => key));
  const sum = (of: (one: Addressee) => number) => addressees.reduce((total, one) => total + of(one), 0);
  return {
    lostRows: acknowledged.filter(({ id }) => !stored.has(id)).length,
    doubledRows: rows.length - keys.size,
    unseen: sum(missing),
    announcedTwice: sum(({ client }) => client.announcedTwice),
    carriedTwice: sum(({ client }) => client.carriedTwice),
  };
}
