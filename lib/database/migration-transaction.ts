/** What a database offers to migrations: what is the same on both is migrations.ts. */

/** A row of `_prisma_migrations` that was not rolled back. */
export interface AppliedMigration {
  name: string;
  checksum: string;
  finished: boolean;
}

/** One connection to a database, inside the transaction that all migrations share. */
export interface MigrationTransaction {
  /** How many tables there are, whoever made them. */
  countTables: () => Promise<number>;
  /** Makes `_prisma_migrations` where it is missing, as Prisma's schema engine does. */
  ensureHistory: () => Promise<void>;
  history: () => Promise<AppliedMigration[]>;
  /** Runs a file of SQL. */
  run: (sql: string) => Promise<void>;
  record: (row: {
    id: string;
    name: string;
    checksum: string;
    startedAt: Date;
    finishedAt: Date;
  }) => Promise<void>;
  commit: () => Promise<void>;
  /** Rolls back what was not committed, and closes the connection. */
  end: () => Promise<void>;
}
