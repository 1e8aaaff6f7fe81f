/**
 * Makes work of which one run is under way at a time. Whoever asks meanwhile shares the run that begins
 * after it: it sees everything that was there when they asked.
 */
export function oneAtATime(work: () => Promise<void>): () => Promise<void> {
  let current: Promise<void> | null = null;
  let next: Promise<void> | null = null;

  function begin(): Promise<void> {
    next = null;
    current = work().finally(() => {
      current = null;
    });
    return current;
  }

  return () => {
    if (next) return next;
    if (!current) return begin();
    next = current.then(begin, begin);
    return next;
  };
}
