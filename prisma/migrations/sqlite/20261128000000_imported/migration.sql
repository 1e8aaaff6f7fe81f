-- What `npx belfry import` has taken, so that it is imported once.
CREATE TABLE "belfry_imported" (
    "id" TEXT NOT NULL PRIMARY KEY
);

INSERT INTO "belfry_migration" ("name", "applied_at") VALUES ('0002_imported', CAST(unixepoch('subsec') * 1000 AS INTEGER));
