/** What is asked, and what was answered first. */
import type { Migration } from './migration.ts';

const SQLITE = `
CREATE TABLE IF NOT EXISTS "belfry_question" (
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

CREATE UNIQUE INDEX IF NOT EXISTS "belfry_question_key_key" ON "belfry_question"("key");

ALTER TABLE "belfry_event" ADD COLUMN "question_id" TEXT;

ALTER TABLE "belfry_event_outbox" ADD COLUMN "question_id" TEXT;

CREATE INDEX IF NOT EXISTS "belfry_event_question_idx" ON "belfry_event"("question_id") WHERE "question_id" IS NOT NULL;
`;

const POSTGRESQL = `
CREATE TABLE IF NOT EXISTS "belfry_question" (
    "id" TEXT NOT NULL,
    "key" TEXT,
    "event_type" TEXT NOT NULL,
    "payload" TEXT NOT NULL,
    "payload_version" INTEGER NOT NULL,
    "asked_by" TEXT,
    "created_at" TIMESTAMP(3) NOT NULL,
    "expires_at" TIMESTAMP(3),
    "answered_at" TIMESTAMP(3),
    "answered_by" TEXT,
    "action" TEXT,
    "input" TEXT,
    "withdrawn_at" TIMESTAMP(3),
    "taken_by" TEXT,
    CONSTRAINT "belfry_question_pkey" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX IF NOT EXISTS "belfry_question_key_key" ON "belfry_question"("key");

ALTER TABLE "belfry_event" ADD COLUMN IF NOT EXISTS "question_id" TEXT;

ALTER TABLE "belfry_event_outbox" ADD COLUMN IF NOT EXISTS "question_id" TEXT;

CREATE INDEX IF NOT EXISTS "belfry_event_question_idx" ON "belfry_event"("question_id") WHERE "question_id" IS NOT NULL;
`;

export const questions: Migration = { name: '0004_questions', sqlite: SQLITE, postgresql: POSTGRESQL };
