-- Who did what to accounts, tokens and everybody's inbox. No foreign keys: it outlives what it tells of.
CREATE TABLE "audit_entry" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "at" DATETIME NOT NULL,
    "action" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "actor_user_id" INTEGER,
    "actor_token_id" INTEGER,
    "subject" TEXT,
    "address" TEXT NOT NULL,
    "agent" TEXT NOT NULL,
    "detail" TEXT
);

CREATE INDEX "audit_entry_at_idx" ON "audit_entry"("at");
