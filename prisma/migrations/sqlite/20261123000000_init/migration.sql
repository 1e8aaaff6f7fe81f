-- CreateTable
CREATE TABLE "user" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "password_hash" TEXT NOT NULL,
    "role" TEXT NOT NULL DEFAULT 'USER',
    "session_version" INTEGER NOT NULL DEFAULT 1,
    "created_at" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "disabled_at" DATETIME
);

-- CreateTable
CREATE TABLE "api_token" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "name" TEXT NOT NULL,
    "token_hash" TEXT NOT NULL,
    "created_at" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_used_at" DATETIME,
    "revoked_at" DATETIME
);

-- CreateTable
CREATE TABLE "event" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "event_type" TEXT NOT NULL,
    "target_userid" INTEGER,
    -- By hand: a row that cannot be read would hold up everybody it is for.
    "priority" INTEGER NOT NULL CHECK ("priority" BETWEEN 0 AND 3),
    "payload" TEXT NOT NULL CHECK (json_valid("payload")),
    "created_at" DATETIME NOT NULL,
    "expires_at" DATETIME,
    "idempotency_key" TEXT,
    "sent_by" TEXT
);

-- CreateTable
CREATE TABLE "event_outbox" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "event_type" TEXT NOT NULL,
    "target_userid" INTEGER,
    "priority" INTEGER NOT NULL CHECK ("priority" BETWEEN 0 AND 3),
    "payload" TEXT NOT NULL CHECK (json_valid("payload")),
    "created_at" DATETIME NOT NULL,
    "expires_at" DATETIME,
    "idempotency_key" TEXT,
    "sent_by" TEXT
);

-- CreateTable
CREATE TABLE "event_receipt" (
    "user_id" INTEGER NOT NULL,
    "event_id" INTEGER NOT NULL,
    "dismissed_at" DATETIME NOT NULL,

    PRIMARY KEY ("user_id", "event_id")
);

-- CreateTable
CREATE TABLE "inbox" (
    "user_id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "cleared_through_id" INTEGER NOT NULL DEFAULT 0,
    "cleared_at" DATETIME,
    "revision" INTEGER NOT NULL DEFAULT 0
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
