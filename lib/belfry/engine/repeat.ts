/**
 * Runs work again and again, until the returned undo is called. A failure is told and does not end it:
 * the next turn is the next try. A turn that comes while the last one's work is under way is left out, so
 * that nothing piles up where work hangs. It does not keep the process alive.
 */
export function repeat(
  periodMs: number,
  work: () => unknown,
  onFailure: (error: unknown) => void,
): () => void {
  let isUnderWay = false;
  const timer = setInterval(async () => {
    if (isUnderWay) return;
    isUnderWay = true;
    try {
      await work();
    } catch (error) {
      onFailure(error);
    } finally {
      isUnderWay = false;
    }
  }, periodMs);
  timer.unref();
  return () => clearInterval(timer);
}
