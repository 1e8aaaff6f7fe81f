-- Work for later, or for whichever instance comes to it.
CREATE TABLE "job" (
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

CREATE INDEX "job_failed_at_kind_due_at_id_idx" ON "job"("failed_at", "kind", "due_at", "id");

-- A job that was given up leaves its key to the next.
CREATE UNIQUE INDEX "job_unique_key_key" ON "job"("unique_key") WHERE "failed_at" IS NULL;
