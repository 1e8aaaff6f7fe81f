/** Finds what belongs together. */
import type { Migration } from './migration.ts';

const SQL = `
CREATE INDEX IF NOT EXISTS "belfry_event_group_idx" ON "belfry_event"("group_key", "target_userid", "topic_id", "id") WHERE "group_key" IS NOT NULL;
`;

export const groups: Migration = { name: '0005_groups', sqlite: SQL, postgresql: SQL };
