/** Where rows come from. */

/** One row as it was found. */
export interface FoundRow {
  /** How people find it again, such as `line 7`; null: by its id. */
  place: string | null;
  /** What the row holds, or why it cannot be read. */
  row: { value: unknown } | { fault: string };
}

/** Rows, one after the other. What ends them early throws a BelfryError. */
export type Source = AsyncIterable<FoundRow>;
