-- One row for each browser in which a person signed in: what can be looked at, and ended, one by one.
CREATE TABLE "session" (
    "id" TEXT NOT NULL,
    "user_id" INTEGER NOT NULL,
    "created_at" TIMESTAMP(3) NOT NULL,
    "last_seen_at" TIMESTAMP(3) NOT NULL,
    "address" TEXT NOT NULL,
    "agent" TEXT NOT NULL,
    "ended_at" TIMESTAMP(3),

    CONSTRAINT "session_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "session_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE INDEX "session_user_id_last_seen_at_idx" ON "session"("user_id", "last_seen_at");

CREATE INDEX "session_ended_at_idx" ON "session"("ended_at");

CREATE INDEX "session_last_seen_at_idx" ON "session"("last_seen_at");
