-- An item has states that can be taken back; people are known by texts; topics; one position in one history.

-- People. Those of before keep their numbers.
CREATE TABLE "recipient" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "external_id" TEXT NOT NULL
);

INSERT INTO "recipient" ("id", "external_id")
SELECT "id", CAST("id" AS TEXT) FROM (
    SELECT "id" FROM "user"
    UNION SELECT "target_userid" FROM "event" WHERE "target_userid" > 0
    UNION SELECT "target_userid" FROM "event_outbox" WHERE "target_userid" > 0
    UNION SELECT "user_id" FROM "event_receipt"
    UNION SELECT "user_id" FROM "inbox"
);

CREATE UNIQUE INDEX "recipient_external_id_key" ON "recipient"("external_id");

CREATE TABLE "topic" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "name" TEXT NOT NULL
);

CREATE UNIQUE INDEX "topic_name_key" ON "topic"("name");

CREATE TABLE "topic_member" (
    "topic_id" INTEGER NOT NULL,
    "recipient_id" INTEGER NOT NULL,
    "since_event_id" INTEGER NOT NULL,
    "until_event_id" INTEGER,

    PRIMARY KEY ("recipient_id", "topic_id", "since_event_id")
);

CREATE INDEX "topic_member_topic_id_recipient_id_since_event_id_until_event_id_idx" ON "topic_member"("topic_id", "recipient_id", "since_event_id", "until_event_id");

ALTER TABLE "event" ADD COLUMN "topic_id" INTEGER;

ALTER TABLE "event_outbox" ADD COLUMN "topic_id" INTEGER;

DROP INDEX "event_inbox_idx";

CREATE INDEX "event_inbox_idx" ON "event"("target_userid", "topic_id", "id", "expires_at", "priority", "event_type");

-- Changes. What was cleared before is a mark of its own, without a token: it is too old to be undone.
CREATE TABLE "inbox_change" (
    "revision" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "user_id" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "through_id" INTEGER,
    "at" DATETIME NOT NULL,
    "token" TEXT,
    "before" TEXT,
    "undone_by" INTEGER
);

INSERT INTO "inbox_change" ("user_id", "kind", "through_id", "at")
SELECT "user_id", 'clear', "cleared_through_id", "cleared_at" FROM "inbox"
WHERE "cleared_through_id" > 0 AND "cleared_at" IS NOT NULL ORDER BY "user_id";

CREATE INDEX "inbox_change_user_id_kind_revision_idx" ON "inbox_change"("user_id", "kind", "revision");

CREATE INDEX "inbox_change_at_idx" ON "inbox_change"("at");

DROP TRIGGER "user_takes_theirs_along";

ALTER TABLE "inbox" RENAME TO "inbox_of_before";

DROP INDEX "inbox_cleared_through_id_idx";

DROP INDEX "inbox_cleared_at_idx";

CREATE TABLE "inbox" (
    "user_id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "revision" INTEGER NOT NULL DEFAULT 0,
    "seen_through_id" INTEGER NOT NULL DEFAULT 0,
    "seen_at" DATETIME,
    "read_through_id" INTEGER NOT NULL DEFAULT 0,
    "done_through_id" INTEGER NOT NULL DEFAULT 0,
    "pruned_through" INTEGER NOT NULL DEFAULT 0
);

INSERT INTO "inbox" ("user_id", "revision", "done_through_id", "pruned_through")
SELECT b."user_id", COALESCE(c."revision", 0), COALESCE(c."through_id", 0), COALESCE(c."revision", 0)
FROM "inbox_of_before" b LEFT JOIN "inbox_change" c ON c."user_id" = b."user_id";

DROP TABLE "inbox_of_before";

CREATE INDEX "inbox_done_through_id_idx" ON "inbox"("done_through_id");

ALTER TABLE "event_receipt" RENAME TO "event_receipt_of_before";

DROP INDEX "event_receipt_dismissed_at_user_id_event_id_idx";

DROP INDEX "event_receipt_event_id_idx";

CREATE TABLE "event_receipt" (
    "user_id" INTEGER NOT NULL,
    "event_id" INTEGER NOT NULL,
    "seen_at" DATETIME,
    "read_at" DATETIME,
    "read_revision" INTEGER,
    "done_at" DATETIME,
    "done_revision" INTEGER,
    "snoozed_until" DATETIME,
    "acted_at" DATETIME,
    "acted_with" TEXT,
    "revision" INTEGER NOT NULL DEFAULT 0,
    "order_id" INTEGER,

    PRIMARY KEY ("user_id", "event_id")
);

INSERT INTO "event_receipt" ("user_id", "event_id", "done_at", "done_revision")
SELECT "user_id", "event_id", "dismissed_at", 0 FROM "event_receipt_of_before";

DROP TABLE "event_receipt_of_before";

CREATE INDEX "event_receipt_user_id_revision_idx" ON "event_receipt"("user_id", "revision");

CREATE INDEX "event_receipt_state_idx" ON "event_receipt"("user_id", "snoozed_until", "done_at", "done_revision");

CREATE INDEX "event_receipt_done_at_user_id_event_id_idx" ON "event_receipt"("done_at", "user_id", "event_id");

CREATE INDEX "event_receipt_event_id_idx" ON "event_receipt"("event_id");

CREATE TABLE "history" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "name" TEXT NOT NULL,
    "began_at" DATETIME NOT NULL,
    "after_event_id" INTEGER NOT NULL,
    "after_revision" INTEGER NOT NULL
);

CREATE UNIQUE INDEX "history_name_key" ON "history"("name");

-- Whoever is deleted takes what is theirs alone along, however the row is deleted. What was sent to everybody stays.
-- The newest event leaves an empty one that is for nobody, and the newest change its number: neither ever goes back.
-- The number of the person stays: others may still use it, and it says nothing of them.
CREATE TRIGGER "user_takes_theirs_along" AFTER DELETE ON "user" BEGIN
    UPDATE "event" SET "event_type" = 'Deleted', "target_userid" = 0, "payload" = '{}', "expires_at" = "created_at",
        "idempotency_key" = NULL, "sent_by" = NULL
    WHERE "id" = (SELECT MAX("id") FROM "event")
        AND "target_userid" = (SELECT "id" FROM "recipient" WHERE "external_id" = CAST(OLD."id" AS TEXT));
    DELETE FROM "event_receipt" WHERE "event_id" IN (SELECT "id" FROM "event"
        WHERE "target_userid" = (SELECT "id" FROM "recipient" WHERE "external_id" = CAST(OLD."id" AS TEXT)));
    DELETE FROM "event" WHERE "target_userid" = (SELECT "id" FROM "recipient" WHERE "external_id" = CAST(OLD."id" AS TEXT));
    DELETE FROM "event_outbox" WHERE "target_userid" = (SELECT "id" FROM "recipient" WHERE "external_id" = CAST(OLD."id" AS TEXT));
    DELETE FROM "event_receipt" WHERE "user_id" = (SELECT "id" FROM "recipient" WHERE "external_id" = CAST(OLD."id" AS TEXT));
    DELETE FROM "inbox" WHERE "user_id" = (SELECT "id" FROM "recipient" WHERE "external_id" = CAST(OLD."id" AS TEXT));
    UPDATE "inbox_change" SET "user_id" = 0, "kind" = 'deleted', "through_id" = NULL, "token" = NULL, "before" = NULL
    WHERE "revision" = (SELECT MAX("revision") FROM "inbox_change")
        AND "user_id" = (SELECT "id" FROM "recipient" WHERE "external_id" = CAST(OLD."id" AS TEXT));
    DELETE FROM "inbox_change" WHERE "user_id" = (SELECT "id" FROM "recipient" WHERE "external_id" = CAST(OLD."id" AS TEXT));
    DELETE FROM "topic_member" WHERE "recipient_id" = (SELECT "id" FROM "recipient" WHERE "external_id" = CAST(OLD."id" AS TEXT));
    -- Beside the foreign key, which the sqlite3 program does not enforce.
    DELETE FROM "session" WHERE "user_id" = OLD."id";
END;

-- Whoever has an account is known before they come: to read, nothing need be written then.
CREATE TRIGGER "user_is_a_recipient" AFTER INSERT ON "user" BEGIN
    INSERT INTO "recipient" ("external_id") VALUES (CAST(NEW."id" AS TEXT)) ON CONFLICT ("external_id") DO NOTHING;
END;
