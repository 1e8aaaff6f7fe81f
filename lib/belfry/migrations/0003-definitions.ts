/** What is stored of a notification, so that it can be read whatever becomes of its definition. */
import type { Migration } from './migration.ts';

const SQLITE = `
ALTER TABLE "belfry_event" ADD COLUMN "payload_version" INTEGER NOT NULL DEFAULT 1;

ALTER TABLE "belfry_event" ADD COLUMN "content" TEXT;

ALTER TABLE "belfry_event" ADD COLUMN "group_key" TEXT;

ALTER TABLE "belfry_event_outbox" ADD COLUMN "payload_version" INTEGER NOT NULL DEFAULT 1;

ALTER TABLE "belfry_event_outbox" ADD COLUMN "content" TEXT;

ALTER TABLE "belfry_event_outbox" ADD COLUMN "group_key" TEXT;
`;

const POSTGRESQL = `
ALTER TABLE "belfry_event" ADD COLUMN IF NOT EXISTS "payload_version" INTEGER NOT NULL DEFAULT 1;

ALTER TABLE "belfry_event" ADD COLUMN IF NOT EXISTS "content" TEXT;

ALTER TABLE "belfry_event" ADD COLUMN IF NOT EXISTS "group_key" TEXT;

ALTER TABLE "belfry_event_outbox" ADD COLUMN IF NOT EXISTS "payload_version" INTEGER NOT NULL DEFAULT 1;

ALTER TABLE "belfry_event_outbox" ADD COLUMN IF NOT EXISTS "content" TEXT;

ALTER TABLE "belfry_event_outbox" ADD COLUMN IF NOT EXISTS "group_key" TEXT;
`;

export const definitions: Migration = { name: '0003_definitions', sqlite: SQLITE, postgresql: POSTGRESQL };
