-- An item has states that can be taken back; people are known by texts; topics; one position in one history.

-- People. Those of before keep their numbers.
CREATE TABLE "recipient" (
    "id" SERIAL NOT NULL,
    "external_id" TEXT NOT NULL,

    CONSTRAINT "recipient_pkey" PRIMARY KEY ("id")
);

INSERT INTO "recipient" ("id", "external_id")
SELECT "id", CAST("id" AS TEXT) FROM (
    SELECT "id" FROM "user"
    UNION SELECT "target_userid" FROM "event" WHERE "target_userid" > 0
    UNION SELECT "target_userid" FROM "event_outbox" WHERE "target_userid" > 0
    UNION SELECT "user_id" FROM "event_receipt"
    UNION SELECT "user_id" FROM "inbox"
) AS "known";

SELECT setval(pg_get_serial_sequence('recipient', 'id'), COALESCE((SELECT MAX("id") FROM "recipient"), 0) + 1, false);

CREATE UNIQUE INDEX "recipient_external_id_key" ON "recipient"("external_id");

CREATE TABLE "topic" (
    "id" SERIAL NOT NULL,
    "name" TEXT NOT NULL,

    CONSTRAINT "topic_pkey" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "topic_name_key" ON "topic"("name");

CREATE TABLE "topic_member" (
    "topic_id" INTEGER NOT NULL,
    "recipient_id" INTEGER NOT NULL,
    "since_event_id" BIGINT NOT NULL,
    "until_event_id" BIGINT,

    CONSTRAINT "topic_member_pkey" PRIMARY KEY ("recipient_id", "topic_id", "since_event_id")
);

CREATE INDEX "topic_member_topic_id_recipient_id_since_event_id_until_eve_idx" ON "topic_member"("topic_id", "recipient_id", "since_event_id", "until_event_id");

ALTER TABLE "event" ADD COLUMN "topic_id" INTEGER;

ALTER TABLE "event_outbox" ADD COLUMN "topic_id" INTEGER;

DROP INDEX "event_inbox_idx";

CREATE INDEX "event_inbox_idx" ON "event"("target_userid", "topic_id", "id", "expires_at", "priority", "event_type");

-- Changes. What was cleared before is a mark of its own, without a token: it is too old to be undone.
CREATE TABLE "inbox_change" (
    "revision" BIGSERIAL NOT NULL,
    "user_id" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "through_id" BIGINT,
    "at" TIMESTAMP(3) NOT NULL,
    "token" TEXT,
    "before" TEXT,
    "undone_by" BIGINT,

    CONSTRAINT "inbox_change_pkey" PRIMARY KEY ("revision")
);

INSERT INTO "inbox_change" ("user_id", "kind", "through_id", "at")
SELECT "user_id", 'clear', "cleared_through_id", "cleared_at" FROM "inbox"
WHERE "cleared_through_id" > 0 AND "cleared_at" IS NOT NULL ORDER BY "user_id";

CREATE INDEX "inbox_change_user_id_kind_revision_idx" ON "inbox_change"("user_id", "kind", "revision");

CREATE INDEX "inbox_change_at_idx" ON "inbox_change"("at");

DROP INDEX "inbox_cleared_through_id_idx";

DROP INDEX "inbox_cleared_at_idx";

ALTER TABLE "inbox" ALTER COLUMN "revision" TYPE BIGINT,
    ADD COLUMN "seen_through_id" BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN "seen_at" TIMESTAMP(3),
    ADD COLUMN "read_through_id" BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN "done_through_id" BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN "pruned_through" BIGINT NOT NULL DEFAULT 0;

UPDATE "inbox" SET "revision" = 0;

UPDATE "inbox" i SET "revision" = c."revision", "done_through_id" = c."through_id", "pruned_through" = c."revision"
FROM "inbox_change" c WHERE c."user_id" = i."user_id";

ALTER TABLE "inbox" DROP COLUMN "cleared_through_id", DROP COLUMN "cleared_at";

CREATE INDEX "inbox_done_through_id_idx" ON "inbox"("done_through_id");

DROP INDEX "event_receipt_dismissed_at_user_id_event_id_idx";

ALTER TABLE "event_receipt" RENAME COLUMN "dismissed_at" TO "done_at";

ALTER TABLE "event_receipt" ALTER COLUMN "done_at" DROP NOT NULL,
    ADD COLUMN "seen_at" TIMESTAMP(3),
    ADD COLUMN "read_at" TIMESTAMP(3),
    ADD COLUMN "read_revision" BIGINT,
    ADD COLUMN "done_revision" BIGINT,
    ADD COLUMN "snoozed_until" TIMESTAMP(3),
    ADD COLUMN "acted_at" TIMESTAMP(3),
    ADD COLUMN "acted_with" TEXT,
    ADD COLUMN "revision" BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN "order_id" BIGINT;

UPDATE "event_receipt" SET "done_revision" = 0;

CREATE INDEX "event_receipt_user_id_revision_idx" ON "event_receipt"("user_id", "revision");

CREATE INDEX "event_receipt_state_idx" ON "event_receipt"("user_id", "snoozed_until", "done_at", "done_revision");

CREATE INDEX "event_receipt_done_at_user_id_event_id_idx" ON "event_receipt"("done_at", "user_id", "event_id");

CREATE TABLE "history" (
    "id" SERIAL NOT NULL,
    "name" TEXT NOT NULL,
    "began_at" TIMESTAMP(3) NOT NULL,
    "after_event_id" BIGINT NOT NULL,
    "after_revision" BIGINT NOT NULL,

    CONSTRAINT "history_pkey" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "history_name_key" ON "history"("name");

-- Whoever is deleted takes what is theirs alone along, however the row is deleted. What was sent to everybody stays.
-- The newest event leaves an empty one that is for nobody, and the newest change its number: neither ever goes back.
-- The number of the person stays: others may still use it, and it says nothing of them.
CREATE OR REPLACE FUNCTION "user_takes_theirs_along"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    theirs INTEGER;
BEGIN
    SELECT "id" INTO theirs FROM "recipient" WHERE "external_id" = CAST(OLD."id" AS TEXT);
    IF theirs IS NULL THEN
        RETURN NULL;
    END IF;
    UPDATE "event" SET "event_type" = 'Deleted', "target_userid" = 0, "payload" = '{}', "expires_at" = "created_at",
        "idempotency_key" = NULL, "sent_by" = NULL
    WHERE "id" = (SELECT MAX("id") FROM "event") AND "target_userid" = theirs;
    DELETE FROM "event_receipt" WHERE "event_id" IN (SELECT "id" FROM "event" WHERE "target_userid" = theirs);
    DELETE FROM "event" WHERE "target_userid" = theirs;
    DELETE FROM "event_outbox" WHERE "target_userid" = theirs;
    DELETE FROM "event_receipt" WHERE "user_id" = theirs;
    DELETE FROM "inbox" WHERE "user_id" = theirs;
    UPDATE "inbox_change" SET "user_id" = 0, "kind" = 'deleted', "through_id" = NULL, "token" = NULL, "before" = NULL
    WHERE "revision" = (SELECT MAX("revision") FROM "inbox_change") AND "user_id" = theirs;
    DELETE FROM "inbox_change" WHERE "user_id" = theirs;
    DELETE FROM "topic_member" WHERE "recipient_id" = theirs;
    RETURN NULL;
END
$$;

-- Whoever has an account is known before they come: to read, nothing need be written then.
CREATE FUNCTION "user_is_a_recipient"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO "recipient" ("external_id") VALUES (CAST(NEW."id" AS TEXT)) ON CONFLICT ("external_id") DO NOTHING;
    RETURN NULL;
END
$$;

CREATE TRIGGER "user_is_a_recipient" AFTER INSERT ON "user"
    FOR EACH ROW EXECUTE FUNCTION "user_is_a_recipient"();
