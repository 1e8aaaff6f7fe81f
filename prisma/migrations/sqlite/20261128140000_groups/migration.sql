-- Finds what belongs together.
CREATE INDEX "belfry_event_group_idx" ON "belfry_event"("group_key", "target_userid", "topic_id", "id") WHERE "group_key" IS NOT NULL;

INSERT INTO "belfry_migration" ("name", "applied_at") VALUES ('0005_groups', CAST(unixepoch('subsec') * 1000 AS INTEGER));
