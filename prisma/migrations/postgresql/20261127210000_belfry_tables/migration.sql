-- The tables of Belfry get a prefix, as they have it in any other app, and say themselves which of its migrations they hold.

DROP TRIGGER "event_ids_in_order" ON "event";

DROP FUNCTION "event_ids_in_order"();

ALTER TABLE "recipient" RENAME TO "belfry_recipient";

ALTER TABLE "topic" RENAME TO "belfry_topic";

ALTER TABLE "topic_member" RENAME TO "belfry_topic_member";

ALTER TABLE "event" RENAME TO "belfry_event";

ALTER TABLE "event_receipt" RENAME TO "belfry_event_receipt";

ALTER TABLE "inbox" RENAME TO "belfry_inbox";

ALTER TABLE "inbox_change" RENAME TO "belfry_inbox_change";

ALTER TABLE "history" RENAME TO "belfry_history";

ALTER TABLE "job" RENAME TO "belfry_job";

ALTER INDEX "recipient_pkey" RENAME TO "belfry_recipient_pkey";

ALTER INDEX "topic_pkey" RENAME TO "belfry_topic_pkey";

ALTER INDEX "topic_member_pkey" RENAME TO "belfry_topic_member_pkey";

ALTER INDEX "event_pkey" RENAME TO "belfry_event_pkey";

ALTER INDEX "event_receipt_pkey" RENAME TO "belfry_event_receipt_pkey";

ALTER INDEX "inbox_pkey" RENAME TO "belfry_inbox_pkey";

ALTER INDEX "inbox_change_pkey" RENAME TO "belfry_inbox_change_pkey";

ALTER INDEX "history_pkey" RENAME TO "belfry_history_pkey";

ALTER INDEX "job_pkey" RENAME TO "belfry_job_pkey";

ALTER SEQUENCE "recipient_id_seq" RENAME TO "belfry_recipient_id_seq";

ALTER SEQUENCE "topic_id_seq" RENAME TO "belfry_topic_id_seq";

ALTER SEQUENCE "event_id_seq" RENAME TO "belfry_event_id_seq";

ALTER SEQUENCE "inbox_change_revision_seq" RENAME TO "belfry_inbox_change_revision_seq";

ALTER SEQUENCE "history_id_seq" RENAME TO "belfry_history_id_seq";

ALTER SEQUENCE "job_id_seq" RENAME TO "belfry_job_id_seq";

ALTER TABLE "belfry_event" RENAME CONSTRAINT "event_priority_check" TO "belfry_event_priority_check";

ALTER TABLE "belfry_event" RENAME CONSTRAINT "event_payload_check" TO "belfry_event_payload_check";

ALTER INDEX "recipient_external_id_key" RENAME TO "belfry_recipient_external_id_key";

ALTER INDEX "topic_name_key" RENAME TO "belfry_topic_name_key";

ALTER INDEX "topic_member_topic_id_recipient_id_since_event_id_until_eve_idx" RENAME TO "belfry_topic_member_of_topic_idx";

ALTER INDEX "event_idempotency_key_key" RENAME TO "belfry_event_idempotency_key_key";

ALTER INDEX "event_inbox_idx" RENAME TO "belfry_event_inbox_idx";

ALTER INDEX "event_expires_at_idx" RENAME TO "belfry_event_expires_at_idx";

ALTER INDEX "event_receipt_user_id_revision_idx" RENAME TO "belfry_event_receipt_user_id_revision_idx";

ALTER INDEX "event_receipt_state_idx" RENAME TO "belfry_event_receipt_state_idx";

ALTER INDEX "event_receipt_done_at_user_id_event_id_idx" RENAME TO "belfry_event_receipt_done_at_user_id_event_id_idx";

ALTER INDEX "event_receipt_event_id_idx" RENAME TO "belfry_event_receipt_event_id_idx";

ALTER INDEX "inbox_done_through_id_idx" RENAME TO "belfry_inbox_done_through_id_idx";

ALTER INDEX "inbox_change_user_id_kind_revision_idx" RENAME TO "belfry_inbox_change_user_id_kind_revision_idx";

ALTER INDEX "inbox_change_at_idx" RENAME TO "belfry_inbox_change_at_idx";

ALTER INDEX "history_name_key" RENAME TO "belfry_history_name_key";

ALTER INDEX "job_failed_at_kind_due_at_id_idx" RENAME TO "belfry_job_failed_at_kind_due_at_id_idx";

ALTER INDEX "job_unique_key_key" RENAME TO "belfry_job_unique_key_key";

-- What was sent within a transaction says to whom in the words of the caller.
CREATE TABLE "belfry_event_outbox" (
    "id" BIGSERIAL NOT NULL,
    "event_type" TEXT NOT NULL,
    "user_ids" TEXT,
    "topic" TEXT,
    "priority" INTEGER NOT NULL CHECK ("priority" BETWEEN 0 AND 3),
    "payload" TEXT NOT NULL CHECK ("payload"::json IS NOT NULL),
    "created_at" TIMESTAMP(3) NOT NULL,
    "expires_at" TIMESTAMP(3),
    "idempotency_key" TEXT,
    "sent_by" TEXT,
    CONSTRAINT "belfry_event_outbox_pkey" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "belfry_event_outbox_idempotency_key_key" ON "belfry_event_outbox"("idempotency_key");

INSERT INTO "belfry_event_outbox" ("id", "event_type", "user_ids", "topic", "priority", "payload", "created_at", "expires_at",
    "idempotency_key", "sent_by")
SELECT o."id", o."event_type", CASE WHEN r."external_id" IS NOT NULL THEN json_build_array(r."external_id")::text END, t."name",
    o."priority", o."payload", o."created_at", o."expires_at", o."idempotency_key", o."sent_by"
FROM "event_outbox" o
LEFT JOIN "belfry_recipient" r ON r."id" = o."target_userid"
LEFT JOIN "belfry_topic" t ON t."id" = o."topic_id"
WHERE (o."target_userid" IS NULL OR r."id" IS NOT NULL) AND (o."topic_id" IS NULL OR t."id" IS NOT NULL)
ORDER BY o."id";

SELECT setval(pg_get_serial_sequence('belfry_event_outbox', 'id'), COALESCE((SELECT MAX("id") FROM "belfry_event_outbox"), 0) + 1, false);

DROP TABLE "event_outbox";

-- Ids become visible in their order. A sequence hands out 6 and 7 to two transactions, and the one with 7 may commit
-- first; then whoever reads "everything up to 7" has missed 6. Here one statement at a time takes its ids, and holds its
-- place until its commit can be seen. The number is this lock's name.
CREATE FUNCTION "belfry_event_ids_in_order"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(4270011);
    RETURN NULL;
END
$$;

CREATE TRIGGER "belfry_event_ids_in_order" BEFORE INSERT ON "belfry_event"
    FOR EACH STATEMENT EXECUTE FUNCTION "belfry_event_ids_in_order"();

CREATE TABLE "belfry_migration" (
    "name" TEXT NOT NULL,
    "applied_at" TIMESTAMP(3) NOT NULL,
    CONSTRAINT "belfry_migration_pkey" PRIMARY KEY ("name")
);

INSERT INTO "belfry_migration" ("name", "applied_at") VALUES ('0001_init', now() AT TIME ZONE 'UTC');

-- Whoever is deleted takes what is theirs alone along, however the row is deleted. What was sent to everybody stays.
-- The newest event leaves an empty one that is for nobody, and the newest change its number: neither ever goes back.
-- The number of the person stays: others may still use it, and it says nothing of them.
CREATE OR REPLACE FUNCTION "user_takes_theirs_along"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    theirs INTEGER;
BEGIN
    SELECT "id" INTO theirs FROM "belfry_recipient" WHERE "external_id" = CAST(OLD."id" AS TEXT);
    IF theirs IS NULL THEN
        RETURN NULL;
    END IF;
    UPDATE "belfry_event" SET "event_type" = 'Deleted', "target_userid" = 0, "payload" = '{}', "expires_at" = "created_at",
        "idempotency_key" = NULL, "sent_by" = NULL
    WHERE "id" = (SELECT MAX("id") FROM "belfry_event") AND "target_userid" = theirs;
    DELETE FROM "belfry_event_receipt" WHERE "event_id" IN (SELECT "id" FROM "belfry_event" WHERE "target_userid" = theirs);
    DELETE FROM "belfry_event" WHERE "target_userid" = theirs;
    UPDATE "belfry_event_outbox" SET "user_ids" = (
        SELECT COALESCE(json_agg(u."id"), '[]')::text FROM json_array_elements_text("user_ids"::json) AS u ("id")
        WHERE u."id" <> CAST(OLD."id" AS TEXT))
    WHERE "user_ids" IS NOT NULL;
    DELETE FROM "belfry_event_receipt" WHERE "user_id" = theirs;
    DELETE FROM "belfry_inbox" WHERE "user_id" = theirs;
    UPDATE "belfry_inbox_change" SET "user_id" = 0, "kind" = 'deleted', "through_id" = NULL, "token" = NULL, "before" = NULL
    WHERE "revision" = (SELECT MAX("revision") FROM "belfry_inbox_change") AND "user_id" = theirs;
    DELETE FROM "belfry_inbox_change" WHERE "user_id" = theirs;
    DELETE FROM "belfry_topic_member" WHERE "recipient_id" = theirs;
    RETURN NULL;
END
$$;

-- Whoever has an account is known before they come: to read, nothing need be written then.
CREATE OR REPLACE FUNCTION "user_is_a_recipient"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO "belfry_recipient" ("external_id") VALUES (CAST(NEW."id" AS TEXT)) ON CONFLICT ("external_id") DO NOTHING;
    RETURN NULL;
END
$$;
