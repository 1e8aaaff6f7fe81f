/** How people want to be told, what they have muted, and what they left by themselves. */
import type { Migration } from './migration.ts';

const SQLITE = `
ALTER TABLE "belfry_inbox" ADD COLUMN "settings" TEXT;

ALTER TABLE "belfry_inbox" ADD COLUMN "settings_revision" INTEGER NOT NULL DEFAULT 0;

ALTER TABLE "belfry_topic_member" ADD COLUMN "left_at" DATETIME;

CREATE TABLE IF NOT EXISTS "belfry_mute" (
    "user_id" INTEGER NOT NULL,
    "event_type" TEXT NOT NULL,
    "category" TEXT NOT NULL,
    "since_event_id" INTEGER NOT NULL,
    "until_event_id" INTEGER,
    PRIMARY KEY ("user_id", "event_type", "since_event_id")
);

CREATE INDEX IF NOT EXISTS "belfry_mute_until_event_id_idx" ON "belfry_mute"("until_event_id");
`;

const POSTGRESQL = `
ALTER TABLE "belfry_inbox" ADD COLUMN IF NOT EXISTS "settings" TEXT;

ALTER TABLE "belfry_inbox" ADD COLUMN IF NOT EXISTS "settings_revision" BIGINT NOT NULL DEFAULT 0;

ALTER TABLE "belfry_topic_member" ADD COLUMN IF NOT EXISTS "left_at" TIMESTAMP(3);

CREATE TABLE IF NOT EXISTS "belfry_mute" (
    "user_id" INTEGER NOT NULL,
    "event_type" TEXT NOT NULL,
    "category" TEXT NOT NULL,
    "since_event_id" BIGINT NOT NULL,
    "until_event_id" BIGINT,
    CONSTRAINT "belfry_mute_pkey" PRIMARY KEY ("user_id", "event_type", "since_event_id")
);

CREATE INDEX IF NOT EXISTS "belfry_mute_until_event_id_idx" ON "belfry_mute"("until_event_id");
`;

export const settings: Migration = { name: '0006_settings', sqlite: SQLITE, postgresql: POSTGRESQL };
