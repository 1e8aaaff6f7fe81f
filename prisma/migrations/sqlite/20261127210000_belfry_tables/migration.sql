-- The tables of Belfry get a prefix, as they have it in any other app, and say themselves which of its migrations they hold.

DROP TRIGGER "user_takes_theirs_along";

DROP TRIGGER "user_is_a_recipient";

ALTER TABLE "recipient" RENAME TO "belfry_recipient";

ALTER TABLE "topic" RENAME TO "belfry_topic";

ALTER TABLE "topic_member" RENAME TO "belfry_topic_member";

ALTER TABLE "event" RENAME TO "belfry_event";

ALTER TABLE "event_receipt" RENAME TO "belfry_event_receipt";

ALTER TABLE "inbox" RENAME TO "belfry_inbox";

ALTER TABLE "inbox_change" RENAME TO "belfry_inbox_change";

ALTER TABLE "history" RENAME TO "belfry_history";

ALTER TABLE "job" RENAME TO "belfry_job";

DROP INDEX "recipient_external_id_key";

CREATE UNIQUE INDEX "belfry_recipient_external_id_key" ON "belfry_recipient"("external_id");

DROP INDEX "topic_name_key";

CREATE UNIQUE INDEX "belfry_topic_name_key" ON "belfry_topic"("name");

DROP INDEX "topic_member_topic_id_recipient_id_since_event_id_until_event_id_idx";

CREATE INDEX "belfry_topic_member_of_topic_idx" ON "belfry_topic_member"("topic_id", "recipient_id", "since_event_id", "until_event_id");

DROP INDEX "event_idempotency_key_key";

CREATE UNIQUE INDEX "belfry_event_idempotency_key_key" ON "belfry_event"("idempotency_key");

DROP INDEX "event_inbox_idx";

CREATE INDEX "belfry_event_inbox_idx" ON "belfry_event"("target_userid", "topic_id", "id", "expires_at", "priority", "event_type");

DROP INDEX "event_expires_at_idx";

CREATE INDEX "belfry_event_expires_at_idx" ON "belfry_event"("expires_at");

DROP INDEX "event_receipt_user_id_revision_idx";

CREATE INDEX "belfry_event_receipt_user_id_revision_idx" ON "belfry_event_receipt"("user_id", "revision");

DROP INDEX "event_receipt_state_idx";

CREATE INDEX "belfry_event_receipt_state_idx" ON "belfry_event_receipt"("user_id", "snoozed_until", "done_at", "done_revision");

DROP INDEX "event_receipt_done_at_user_id_event_id_idx";

CREATE INDEX "belfry_event_receipt_done_at_user_id_event_id_idx" ON "belfry_event_receipt"("done_at", "user_id", "event_id");

DROP INDEX "event_receipt_event_id_idx";

CREATE INDEX "belfry_event_receipt_event_id_idx" ON "belfry_event_receipt"("event_id");

DROP INDEX "inbox_done_through_id_idx";

CREATE INDEX "belfry_inbox_done_through_id_idx" ON "belfry_inbox"("done_through_id");

DROP INDEX "inbox_change_user_id_kind_revision_idx";

CREATE INDEX "belfry_inbox_change_user_id_kind_revision_idx" ON "belfry_inbox_change"("user_id", "kind", "revision");

DROP INDEX "inbox_change_at_idx";

CREATE INDEX "belfry_inbox_change_at_idx" ON "belfry_inbox_change"("at");

DROP INDEX "history_name_key";

CREATE UNIQUE INDEX "belfry_history_name_key" ON "belfry_history"("name");

DROP INDEX "job_failed_at_kind_due_at_id_idx";

CREATE INDEX "belfry_job_failed_at_kind_due_at_id_idx" ON "belfry_job"("failed_at", "kind", "due_at", "id");

DROP INDEX "job_unique_key_key";

CREATE UNIQUE INDEX "belfry_job_unique_key_key" ON "belfry_job"("unique_key") WHERE "failed_at" IS NULL;

-- What was sent within a transaction says to whom in the words of the caller.
CREATE TABLE "belfry_event_outbox" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "event_type" TEXT NOT NULL,
    "user_ids" TEXT,
    "topic" TEXT,
    "priority" INTEGER NOT NULL CHECK ("priority" BETWEEN 0 AND 3),
    "payload" TEXT NOT NULL CHECK (json_valid("payload")),
    "created_at" DATETIME NOT NULL,
    "expires_at" DATETIME,
    "idempotency_key" TEXT,
    "sent_by" TEXT
);

CREATE UNIQUE INDEX "belfry_event_outbox_idempotency_key_key" ON "belfry_event_outbox"("idempotency_key");

INSERT INTO "belfry_event_outbox" ("id", "event_type", "user_ids", "topic", "priority", "payload", "created_at", "expires_at",
    "idempotency_key", "sent_by")
SELECT o."id", o."event_type", CASE WHEN r."external_id" IS NOT NULL THEN json_array(r."external_id") END, t."name",
    o."priority", o."payload", o."created_at", o."expires_at", o."idempotency_key", o."sent_by"
FROM "event_outbox" o
LEFT JOIN "belfry_recipient" r ON r."id" = o."target_userid"
LEFT JOIN "belfry_topic" t ON t."id" = o."topic_id"
WHERE (o."target_userid" IS NULL OR r."id" IS NOT NULL) AND (o."topic_id" IS NULL OR t."id" IS NOT NULL)
ORDER BY o."id";

DROP TABLE "event_outbox";

CREATE TABLE "belfry_migration" (
    "name" TEXT NOT NULL PRIMARY KEY,
    "applied_at" DATETIME NOT NULL
);

INSERT INTO "belfry_migration" ("name", "applied_at") VALUES ('0001_init', CAST(unixepoch('subsec') * 1000 AS INTEGER));

-- Whoever is deleted takes what is theirs alone along, however the row is deleted. What was sent to everybody stays.
-- The newest event leaves an empty one that is for nobody, and the newest change its number: neither ever goes back.
-- The number of the person stays: others may still use it, and it says nothing of them.
CREATE TRIGGER "user_takes_theirs_along" AFTER DELETE ON "user" BEGIN
    UPDATE "belfry_event" SET "event_type" = 'Deleted', "target_userid" = 0, "payload" = '{}', "expires_at" = "created_at",
        "idempotency_key" = NULL, "sent_by" = NULL
    WHERE "id" = (SELECT MAX("id") FROM "belfry_event")
        AND "target_userid" = (SELECT "id" FROM "belfry_recipient" WHERE "external_id" = CAST(OLD."id" AS TEXT));
    DELETE FROM "belfry_event_receipt" WHERE "event_id" IN (SELECT "id" FROM "belfry_event"
        WHERE "target_userid" = (SELECT "id" FROM "belfry_recipient" WHERE "external_id" = CAST(OLD."id" AS TEXT)));
    DELETE FROM "belfry_event" WHERE "target_userid" = (SELECT "id" FROM "belfry_recipient" WHERE "external_id" = CAST(OLD."id" AS TEXT));
    UPDATE "belfry_event_outbox" SET "user_ids" = (
        SELECT json_group_array("value") FROM json_each("user_ids") WHERE "value" <> CAST(OLD."id" AS TEXT))
    WHERE "user_ids" IS NOT NULL;
    DELETE FROM "belfry_event_receipt" WHERE "user_id" = (SELECT "id" FROM "belfry_recipient" WHERE "external_id" = CAST(OLD."id" AS TEXT));
    DELETE FROM "belfry_inbox" WHERE "user_id" = (SELECT "id" FROM "belfry_recipient" WHERE "external_id" = CAST(OLD."id" AS TEXT));
    UPDATE "belfry_inbox_change" SET "user_id" = 0, "kind" = 'deleted', "through_id" = NULL, "token" = NULL, "before" = NULL
    WHERE "revision" = (SELECT MAX("revision") FROM "belfry_inbox_change")
        AND "user_id" = (SELECT "id" FROM "belfry_recipient" WHERE "external_id" = CAST(OLD."id" AS TEXT));
    DELETE FROM "belfry_inbox_change" WHERE "user_id" = (SELECT "id" FROM "belfry_recipient" WHERE "external_id" = CAST(OLD."id" AS TEXT));
    DELETE FROM "belfry_topic_member" WHERE "recipient_id" = (SELECT "id" FROM "belfry_recipient" WHERE "external_id" = CAST(OLD."id" AS TEXT));
    -- Beside the foreign key, which the sqlite3 program does not enforce.
    DELETE FROM "session" WHERE "user_id" = OLD."id";
END;

-- Whoever has an account is known before they come: to read, nothing need be written then.
CREATE TRIGGER "user_is_a_recipient" AFTER INSERT ON "user" BEGIN
    INSERT INTO "belfry_recipient" ("external_id") VALUES (CAST(NEW."id" AS TEXT)) ON CONFLICT ("external_id") DO NOTHING;
END;
