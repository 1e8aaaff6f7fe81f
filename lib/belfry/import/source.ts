/** Where rows come from. */

/** One row as it was found, and how people find it again: `row 7`, `line 7`. */
export interface FoundRow {
  place: string;
  /** What the row holds, or why it cannot be read. */
  row: { value: unknown } | { fault: string };
}

/** Rows, one after the other. What ends them early throws a BelfryError. */
export type Source = AsyncIterable<FoundRow>;
