/** What a command of `npx belfry` has to go by. */
export interface CommandContext {
  /** The app's folder. */
  folder: string;
  force: boolean;
  dryRun: boolean;
  /** What `import` reads: a file, or `-`. */
  file: string | undefined;
  /** What `import` asks the database. */
  sql: string | undefined;
  now: Date;
  /** Prints a line. */
  say: (line?: string) => void;
  /** Prints a line that is no part of the result. */
  complain: (line: string) => void;
}

/** @returns The exit code. Throws a BelfryError for what a person can put right. */
export type Command = (context: CommandContext) => Promise<number>;
