-- What `npx belfry import` has taken, so that it is imported once.
CREATE TABLE "belfry_imported" (
    "id" TEXT NOT NULL,
    CONSTRAINT "belfry_imported_pkey" PRIMARY KEY ("id")
);

INSERT INTO "belfry_migration" ("name", "applied_at") VALUES ('0002_imported', now() AT TIME ZONE 'UTC');
