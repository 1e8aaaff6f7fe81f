/** What was imported, so that it is imported once. `prisma db push` may have made the table, the same, before this. */
import type { Migration } from './migration.ts';

const SQLITE = `
CREATE TABLE IF NOT EXISTS "belfry_imported" (
    "id" TEXT NOT NULL PRIMARY KEY
);
`;

const POSTGRESQL = `
CREATE TABLE IF NOT EXISTS "belfry_imported" (
    "id" TEXT NOT NULL,
    CONSTRAINT "belfry_imported_pkey" PRIMARY KEY ("id")
);
`;

export const imported: Migration = { name: '0002_imported', sqlite: SQLITE, postgresql: POSTGRESQL };
