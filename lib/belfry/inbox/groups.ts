/** What belongs together, as one person has it. */
import { join, type SqlRunner, sql, toNumber } from '../storage/database.ts';
import { type Group, ITEM_COLUMNS, ITEM_TABLES, type Item, type ItemRow, rowToItem } from './item.ts';
import { inboxItems, withReader } from './item-sets.ts';

// More names than this nobody reads in a title.
const MOST_NEWEST = 50;

interface GroupRow extends ItemRow {
  group_key: string;
  total: bigint | number;
  unread_total: bigint | number;
}

/** The groups of these keys, by key, as of an instant. One of which nothing is in the inbox is not among them. */
export async function readGroups(
  runner: SqlRunner,
  { userId, at, keys }: { userId: number; at: Date; keys: readonly string[] },
): Promise<Map<string, Group>> {
  const groups = new Map<string, Group>();
  if (keys.length === 0) return groups;
  const rows = await runner.query<GroupRow>(sql`
    ${withReader(userId, at)},
    members AS (${inboxItems(sql`AND e.group_key IN (${join([...keys])})`)}),
    ranked AS MATERIALIZED (
      SELECT found.id,
        COUNT(*) OVER (PARTITION BY k.group_key) AS total,
        SUM(found.is_unread) OVER (PARTITION BY k.group_key) AS unread_total,
        ROW_NUMBER() OVER (PARTITION BY k.group_key ORDER BY found.order_id DESC, found.id DESC) AS place
      FROM members found JOIN belfry_event k ON k.id = found.id
    )
    SELECT ranked.total, ranked.unread_total, ${ITEM_COLUMNS}
    FROM ranked JOIN belfry_event e ON e.id = ranked.id ${ITEM_TABLES}
    WHERE ranked.place <= ${MOST_NEWEST}
    ORDER BY ranked.place`);
  for (const row of rows) {
    const item = rowToItem(row);
    const known = groups.get(row.group_key);
    groups.set(row.group_key, {
      count: toNumber(row.total),
      unread: toNumber(row.unread_total),
      newest: known ? [...known.newest, item] : [item],
    });
  }
  return groups;
}

/** The keys of the groups that these belong to, each once. */
export function groupKeysOf(items: readonly Pick<Item, 'groupKey'>[]): string[] {
  return [...new Set(items.flatMap(({ groupKey }) => groupKey ?? []))];
}

/** The same, each that is the newest of its group with the group. */
export function withGroups(items: readonly Item[], groups: ReadonlyMap<string, Group>): Item[] {
  return items.map((item) => {
    const group = groups.get(item.groupKey ?? '');
    return group?.newest[0].id === item.id ? { ...item, group } : item;
  });
}
