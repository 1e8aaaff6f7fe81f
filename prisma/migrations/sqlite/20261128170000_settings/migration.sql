-- How people want to be told, what they have muted, and what they left by themselves.
ALTER TABLE "belfry_inbox" ADD COLUMN "settings" TEXT;

ALTER TABLE "belfry_inbox" ADD COLUMN "settings_revision" INTEGER NOT NULL DEFAULT 0;

ALTER TABLE "belfry_topic_member" ADD COLUMN "left_at" DATETIME;

CREATE TABLE "belfry_mute" (
    "user_id" INTEGER NOT NULL,
    "event_type" TEXT NOT NULL,
    "category" TEXT NOT NULL,
    "since_event_id" INTEGER NOT NULL,
    "until_event_id" INTEGER,
    PRIMARY KEY ("user_id", "event_type", "since_event_id")
);

CREATE INDEX "belfry_mute_until_event_id_idx" ON "belfry_mute"("until_event_id");

INSERT INTO "belfry_migration" ("name", "applied_at") VALUES ('0006_settings', CAST(unixepoch('subsec') * 1000 AS INTEGER));
