/** A step of Belfry's tables from one version to the next, in both dialects. */
export interface Migration {
  /** Names sort in the order in which they apply. */
  name: string;
  /** Statements with an empty line between any two of them, and none within. */
  sqlite: string;
  postgresql: string;
}
