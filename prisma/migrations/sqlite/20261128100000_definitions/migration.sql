-- What is stored of a notification, so that it can be read whatever becomes of its definition.
ALTER TABLE "belfry_event" ADD COLUMN "payload_version" INTEGER NOT NULL DEFAULT 1;
ALTER TABLE "belfry_event" ADD COLUMN "content" TEXT;
ALTER TABLE "belfry_event" ADD COLUMN "group_key" TEXT;
ALTER TABLE "belfry_event_outbox" ADD COLUMN "payload_version" INTEGER NOT NULL DEFAULT 1;
ALTER TABLE "belfry_event_outbox" ADD COLUMN "content" TEXT;
ALTER TABLE "belfry_event_outbox" ADD COLUMN "group_key" TEXT;

INSERT INTO "belfry_migration" ("name", "applied_at") VALUES ('0003_definitions', CAST(unixepoch('subsec') * 1000 AS INTEGER));
