-- What is asked, and what was answered first.
CREATE TABLE "belfry_question" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "key" TEXT,
    "event_type" TEXT NOT NULL,
    "payload" TEXT NOT NULL,
    "payload_version" INTEGER NOT NULL,
    "asked_by" TEXT,
    "created_at" DATETIME NOT NULL,
    "expires_at" DATETIME,
    "answered_at" DATETIME,
    "answered_by" TEXT,
    "action" TEXT,
    "input" TEXT,
    "withdrawn_at" DATETIME,
    "taken_by" TEXT
);

CREATE UNIQUE INDEX "belfry_question_key_key" ON "belfry_question"("key");

ALTER TABLE "belfry_event" ADD COLUMN "question_id" TEXT;

ALTER TABLE "belfry_event_outbox" ADD COLUMN "question_id" TEXT;

CREATE INDEX "belfry_event_question_idx" ON "belfry_event"("question_id") WHERE "question_id" IS NOT NULL;

INSERT INTO "belfry_migration" ("name", "applied_at") VALUES ('0004_questions', CAST(unixepoch('subsec') * 1000 AS INTEGER));
