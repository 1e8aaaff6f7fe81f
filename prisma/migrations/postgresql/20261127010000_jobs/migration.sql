-- Work for later, or for whichever instance comes to it.
CREATE TABLE "job" (
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

    CONSTRAINT "job_pkey" PRIMARY KEY ("id")
);

CREATE INDEX "job_failed_at_kind_due_at_id_idx" ON "job"("failed_at", "kind", "due_at", "id");

-- A job that was given up leaves its key to the next.
CREATE UNIQUE INDEX "job_unique_key_key" ON "job"("unique_key") WHERE "failed_at" IS NULL;
