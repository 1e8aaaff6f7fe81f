-- Times are UTC without a zone, as Prisma's adapter writes and reads them, whatever the server's own zone is.

-- CreateTable
CREATE TABLE "user" (
    "id" SERIAL NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "password_hash" TEXT NOT NULL,
    "role" TEXT NOT NULL DEFAULT 'USER',
    "session_version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMP(3) NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
    "disabled_at" TIMESTAMP(3),

    CONSTRAINT "user_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_token" (
    "id" SERIAL NOT NULL,
    "name" TEXT NOT NULL,
    "token_hash" TEXT NOT NULL,
    "created_at" TIMESTAMP(3) NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
    "last_used_at" TIMESTAMP(3),
    "revoked_at" TIMESTAMP(3),

    CONSTRAINT "api_token_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "event" (
    "id" BIGSERIAL NOT NULL,
    "event_type" TEXT NOT NULL,
    "target_userid" INTEGER,
    -- By hand: a row that cannot be read would hold up everybody it is for.
    "priority" INTEGER NOT NULL CHECK ("priority" BETWEEN 0 AND 3),
    "payload" TEXT NOT NULL CHECK ("payload"::json IS NOT NULL),
    "created_at" TIMESTAMP(3) NOT NULL,
    "expires_at" TIMESTAMP(3),
    "idempotency_key" TEXT,
    "sent_by" TEXT,

    CONSTRAINT "event_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "event_outbox" (
    "id" BIGSERIAL NOT NULL,
    "event_type" TEXT NOT NULL,
    "target_userid" INTEGER,
    -- By hand: a row that cannot be read would hold up everybody it is for.
    "priority" INTEGER NOT NULL CHECK ("priority" BETWEEN 0 AND 3),
    "payload" TEXT NOT NULL CHECK ("payload"::json IS NOT NULL),
    "created_at" TIMESTAMP(3) NOT NULL,
    "expires_at" TIMESTAMP(3),
    "idempotency_key" TEXT,
    "sent_by" TEXT,

    CONSTRAINT "event_outbox_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "event_receipt" (
    "user_id" INTEGER NOT NULL,
    "event_id" BIGINT NOT NULL,
    "dismissed_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "event_receipt_pkey" PRIMARY KEY ("user_id","event_id")
);

-- CreateTable
CREATE TABLE "inbox" (
    "user_id" INTEGER NOT NULL,
    "cleared_through_id" BIGINT NOT NULL DEFAULT 0,
    "cleared_at" TIMESTAMP(3),
    "revision" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "inbox_pkey" PRIMARY KEY ("user_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "user_email_key" ON "user"("email");

-- CreateIndex
CREATE UNIQUE INDEX "api_token_token_hash_key" ON "api_token"("token_hash");

-- CreateIndex
CREATE UNIQUE INDEX "event_idempotency_key_key" ON "event"("idempotency_key");

-- CreateIndex
CREATE INDEX "event_inbox_idx" ON "event"("target_userid", "id", "expires_at", "priority", "event_type");

-- CreateIndex
CREATE INDEX "event_expires_at_idx" ON "event"("expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "event_outbox_idempotency_key_key" ON "event_outbox"("idempotency_key");

-- CreateIndex
CREATE INDEX "event_receipt_dismissed_at_idx" ON "event_receipt"("dismissed_at");

-- CreateIndex
CREATE INDEX "event_receipt_event_id_idx" ON "event_receipt"("event_id");

-- CreateIndex
CREATE INDEX "inbox_cleared_through_id_idx" ON "inbox"("cleared_through_id");

-- CreateIndex
CREATE INDEX "inbox_cleared_at_idx" ON "inbox"("cleared_at");

-- By hand: ids become visible in their order. A sequence hands out 6 and 7 to two transactions, and the one
-- with 7 may commit first; then whoever reads "everything up to 7" has missed 6. Here one statement at a time
-- takes its ids, and holds its place until its commit can be seen. The number is this lock's name.
CREATE FUNCTION "event_ids_in_order"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(4270011);
    RETURN NULL;
END
$$;

CREATE TRIGGER "event_ids_in_order" BEFORE INSERT ON "event"
    FOR EACH STATEMENT EXECUTE FUNCTION "event_ids_in_order"();
