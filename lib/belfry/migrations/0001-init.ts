/** All tables. Those who have them under the names of before version 0.2.0 get them renamed by prisma/migrations. */
import type { Migration } from './migration.ts';

// On SQLite every INTEGER has 64 bits, and no other type counts up. AUTOINCREMENT: no number is ever given twice.
const SQLITE = `
CREATE TABLE "belfry_recipient" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "external_id" TEXT NOT NULL
);

CREATE UNIQUE INDEX "belfry_recipient_external_id_key" ON "belfry_recipient"("external_id");

CREATE TABLE "belfry_topic" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "name" TEXT NOT NULL
);

CREATE UNIQUE INDEX "belfry_topic_name_key" ON "belfry_topic"("name");

CREATE TABLE "belfry_topic_member" (
    "topic_id" INTEGER NOT NULL,
    "recipient_id" INTEGER NOT NULL,
    "since_event_id" INTEGER NOT NULL,
    "until_event_id" INTEGER,
    PRIMARY KEY ("recipient_id", "topic_id", "since_event_id")
);

CREATE INDEX "belfry_topic_member_of_topic_idx" ON "belfry_topic_member"("topic_id", "recipient_id", "since_event_id", "until_event_id");

CREATE TABLE "belfry_event" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "event_type" TEXT NOT NULL,
    "target_userid" INTEGER,
    "topic_id" INTEGER,
    "priority" INTEGER NOT NULL CHECK ("priority" BETWEEN 0 AND 3),
    "payload" TEXT NOT NULL CHECK (json_valid("payload")),
    "created_at" DATETIME NOT NULL,
    "expires_at" DATETIME,
    "idempotency_key" TEXT,
    "sent_by" TEXT
);

CREATE UNIQUE INDEX "belfry_event_idempotency_key_key" ON "belfry_event"("idempotency_key");

CREATE INDEX "belfry_event_inbox_idx" ON "belfry_event"("target_userid", "topic_id", "id", "expires_at", "priority", "event_type");

CREATE INDEX "belfry_event_expires_at_idx" ON "belfry_event"("expires_at");

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

CREATE TABLE "belfry_event_receipt" (
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

CREATE INDEX "belfry_event_receipt_user_id_revision_idx" ON "belfry_event_receipt"("user_id", "revision");

CREATE INDEX "belfry_event_receipt_state_idx" ON "belfry_event_receipt"("user_id", "snoozed_until", "done_at", "done_revision");

CREATE INDEX "belfry_event_receipt_done_at_user_id_event_id_idx" ON "belfry_event_receipt"("done_at", "user_id", "event_id");

CREATE INDEX "belfry_event_receipt_event_id_idx" ON "belfry_event_receipt"("event_id");

CREATE TABLE "belfry_inbox" (
    "user_id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "revision" INTEGER NOT NULL DEFAULT 0,
    "seen_through_id" INTEGER NOT NULL DEFAULT 0,
    "seen_at" DATETIME,
    "read_through_id" INTEGER NOT NULL DEFAULT 0,
    "done_through_id" INTEGER NOT NULL DEFAULT 0,
    "pruned_through" INTEGER NOT NULL DEFAULT 0
);

CREATE INDEX "belfry_inbox_done_through_id_idx" ON "belfry_inbox"("done_through_id");

CREATE TABLE "belfry_inbox_change" (
    "revision" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "user_id" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "through_id" INTEGER,
    "at" DATETIME NOT NULL,
    "token" TEXT,
    "before" TEXT,
    "undone_by" INTEGER
);

CREATE INDEX "belfry_inbox_change_user_id_kind_revision_idx" ON "belfry_inbox_change"("user_id", "kind", "revision");

CREATE INDEX "belfry_inbox_change_at_idx" ON "belfry_inbox_change"("at");

CREATE TABLE "belfry_history" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "name" TEXT NOT NULL,
    "began_at" DATETIME NOT NULL,
    "after_event_id" INTEGER NOT NULL,
    "after_revision" INTEGER NOT NULL
);

CREATE UNIQUE INDEX "belfry_history_name_key" ON "belfry_history"("name");

CREATE TABLE "belfry_job" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "kind" TEXT NOT NULL,
    "payload" TEXT NOT NULL,
    "unique_key" TEXT,
    "due_at" DATETIME NOT NULL,
    "lease_until" DATETIME,
    "leased_by" TEXT,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "last_error" TEXT,
    "created_at" DATETIME NOT NULL,
    "failed_at" DATETIME
);

CREATE INDEX "belfry_job_failed_at_kind_due_at_id_idx" ON "belfry_job"("failed_at", "kind", "due_at", "id");

-- A job that was given up leaves its key to the next.
CREATE UNIQUE INDEX "belfry_job_unique_key_key" ON "belfry_job"("unique_key") WHERE "failed_at" IS NULL;
`;

// Times are UTC without a zone, whatever the server's own zone is.
const POSTGRESQL = `
CREATE TABLE "belfry_recipient" (
    "id" SERIAL NOT NULL,
    "external_id" TEXT NOT NULL,
    CONSTRAINT "belfry_recipient_pkey" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "belfry_recipient_external_id_key" ON "belfry_recipient"("external_id");

CREATE TABLE "belfry_topic" (
    "id" SERIAL NOT NULL,
    "name" TEXT NOT NULL,
    CONSTRAINT "belfry_topic_pkey" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "belfry_topic_name_key" ON "belfry_topic"("name");

CREATE TABLE "belfry_topic_member" (
    "topic_id" INTEGER NOT NULL,
    "recipient_id" INTEGER NOT NULL,
    "since_event_id" BIGINT NOT NULL,
    "until_event_id" BIGINT,
    CONSTRAINT "belfry_topic_member_pkey" PRIMARY KEY ("recipient_id", "topic_id", "since_event_id")
);

CREATE INDEX "belfry_topic_member_of_topic_idx" ON "belfry_topic_member"("topic_id", "recipient_id", "since_event_id", "until_event_id");

CREATE TABLE "belfry_event" (
    "id" BIGSERIAL NOT NULL,
    "event_type" TEXT NOT NULL,
    "target_userid" INTEGER,
    "topic_id" INTEGER,
    "priority" INTEGER NOT NULL CHECK ("priority" BETWEEN 0 AND 3),
    "payload" TEXT NOT NULL CHECK ("payload"::json IS NOT NULL),
    "created_at" TIMESTAMP(3) NOT NULL,
    "expires_at" TIMESTAMP(3),
    "idempotency_key" TEXT,
    "sent_by" TEXT,
    CONSTRAINT "belfry_event_pkey" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "belfry_event_idempotency_key_key" ON "belfry_event"("idempotency_key");

CREATE INDEX "belfry_event_inbox_idx" ON "belfry_event"("target_userid", "topic_id", "id", "expires_at", "priority", "event_type");

CREATE INDEX "belfry_event_expires_at_idx" ON "belfry_event"("expires_at");

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

CREATE TABLE "belfry_event_receipt" (
    "user_id" INTEGER NOT NULL,
    "event_id" BIGINT NOT NULL,
    "seen_at" TIMESTAMP(3),
    "read_at" TIMESTAMP(3),
    "read_revision" BIGINT,
    "done_at" TIMESTAMP(3),
    "done_revision" BIGINT,
    "snoozed_until" TIMESTAMP(3),
    "acted_at" TIMESTAMP(3),
    "acted_with" TEXT,
    "revision" BIGINT NOT NULL DEFAULT 0,
    "order_id" BIGINT,
    CONSTRAINT "belfry_event_receipt_pkey" PRIMARY KEY ("user_id", "event_id")
);

CREATE INDEX "belfry_event_receipt_user_id_revision_idx" ON "belfry_event_receipt"("user_id", "revision");

CREATE INDEX "belfry_event_receipt_state_idx" ON "belfry_event_receipt"("user_id", "snoozed_until", "done_at", "done_revision");

CREATE INDEX "belfry_event_receipt_done_at_user_id_event_id_idx" ON "belfry_event_receipt"("done_at", "user_id", "event_id");

CREATE INDEX "belfry_event_receipt_event_id_idx" ON "belfry_event_receipt"("event_id");

CREATE TABLE "belfry_inbox" (
    "user_id" INTEGER NOT NULL,
    "revision" BIGINT NOT NULL DEFAULT 0,
    "seen_through_id" BIGINT NOT NULL DEFAULT 0,
    "seen_at" TIMESTAMP(3),
    "read_through_id" BIGINT NOT NULL DEFAULT 0,
    "done_through_id" BIGINT NOT NULL DEFAULT 0,
    "pruned_through" BIGINT NOT NULL DEFAULT 0,
    CONSTRAINT "belfry_inbox_pkey" PRIMARY KEY ("user_id")
);

CREATE INDEX "belfry_inbox_done_through_id_idx" ON "belfry_inbox"("done_through_id");

CREATE TABLE "belfry_inbox_change" (
    "revision" BIGSERIAL NOT NULL,
    "user_id" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "through_id" BIGINT,
    "at" TIMESTAMP(3) NOT NULL,
    "token" TEXT,
    "before" TEXT,
    "undone_by" BIGINT,
    CONSTRAINT "belfry_inbox_change_pkey" PRIMARY KEY ("revision")
);

CREATE INDEX "belfry_inbox_change_user_id_kind_revision_idx" ON "belfry_inbox_change"("user_id", "kind", "revision");

CREATE INDEX "belfry_inbox_change_at_idx" ON "belfry_inbox_change"("at");

CREATE TABLE "belfry_history" (
    "id" SERIAL NOT NULL,
    "name" TEXT NOT NULL,
    "began_at" TIMESTAMP(3) NOT NULL,
    "after_event_id" BIGINT NOT NULL,
    "after_revision" BIGINT NOT NULL,
    CONSTRAINT "belfry_history_pkey" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "belfry_history_name_key" ON "belfry_history"("name");

CREATE TABLE "belfry_job" (
    "id" BIGSERIAL NOT NULL,
    "kind" TEXT NOT NULL,
    "payload" TEXT NOT NULL,
    "unique_key" TEXT,
    "due_at" TIMESTAMP(3) NOT NULL,
    "lease_until" TIMESTAMP(3),
    "leased_by" TEXT,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "last_error" TEXT,
    "created_at" TIMESTAMP(3) NOT NULL,
    "failed_at" TIMESTAMP(3),
    CONSTRAINT "belfry_job_pkey" PRIMARY KEY ("id")
);

CREATE INDEX "belfry_job_failed_at_kind_due_at_id_idx" ON "belfry_job"("failed_at", "kind", "due_at", "id");

-- A job that was given up leaves its key to the next.
CREATE UNIQUE INDEX "belfry_job_unique_key_key" ON "belfry_job"("unique_key") WHERE "failed_at" IS NULL;

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
`;

export const init: Migration = { name: '0001_init', sqlite: SQLITE, postgresql: POSTGRESQL };
