/**
 * Runs work again and again, until the returned undo is called. A failure is told and does not end it:
 * the next turn is the next try. It does not keep the process alive.
 */
export function repeat(
  periodMs: number,
  work: () => unknown,
  onFailure: (error: unknown) => void,
): () => void {
  const timer = setInterval(async () => {
    try {
      await work();
    } catch (error) {
      onFailure(error);
    }
  }, periodMs);
  timer.unref();
  return () => clearInterval(timer);
}
