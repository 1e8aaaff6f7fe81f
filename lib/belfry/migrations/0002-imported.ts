/** What was imported, so that it is imported once. */
import type { Migration } from './migration.ts';

const SQLITE = `
CREATE TABLE "belfry_imported" (
    "id" TEXT NOT NULL PRIMARY KEY
);
`;

const POSTGRESQL = `
CREATE TABLE "belfry_imported" (
    "id" TEXT NOT NULL,
    CONSTRAINT "belfry_imported_pkey" PRIMARY KEY ("id")
);
`;

export const imported: Migration = { name: '0002_imported', sqlite: SQLITE, postgresql: POSTGRESQL };
