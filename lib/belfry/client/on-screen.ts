/** Tells when an element has been on the screen for long enough to be seen. */

// Shorter is what flies past while somebody scrolls.
const SEEN_AFTER_MS = 500;
const HALF = 0.5;
// Of what is higher than the box that it stands in, less than a half may be all that ever fits.
const STEPS = Array.from({ length: 11 }, (_, step) => (step * HALF) / 10);
// The steps of a high element are many pixels apart.
const MOST_OF_BOX = 0.75;

interface Watched {
  onSeen: () => void;
  isCovered: () => boolean;
  isOnScreen: boolean;
  timer: ReturnType<typeof setTimeout> | undefined;
}

const watched = new Map<Element, Watched>();
let observer: IntersectionObserver | null = null;

/**
 * Calls `onSeen` once, when at least half of an element, or as much as fits, has been on the screen of a visible tab for
 * half a second. Never where the browser cannot tell.
 *
 * @param isCovered Whether something stands in front of it.
 * @returns Its own undo.
 */
export function watchScreen(
  element: Element,
  { onSeen, isCovered }: { onSeen: () => void; isCovered: () => boolean },
): () => void {
  if (typeof IntersectionObserver === 'undefined') return () => {};
  if (watched.size === 0) document.addEventListener('visibilitychange', updateAll);
  observer ??= new IntersectionObserver(observe, { threshold: STEPS });
  watched.set(element, { onSeen, isCovered, isOnScreen: false, timer: undefined });
  observer.observe(element);
  return () => forget(element);
}

function forget(element: Element): void {
  clearTimeout(watched.get(element)?.timer);
  observer?.unobserve(element);
  watched.delete(element);
  if (watched.size === 0) document.removeEventListener('visibilitychange', updateAll);
}

function observe(entries: readonly IntersectionObserverEntry[]): void {
  for (const entry of entries) {
    const watch = watched.get(entry.target);
    if (!watch) continue;
    watch.isOnScreen = isOnScreen(entry);
    update(entry.target, watch);
  }
}

function isOnScreen({
  target,
  isIntersecting,
  intersectionRatio,
  intersectionRect,
}: IntersectionObserverEntry) {
  if (!isIntersecting) return false;
  return intersectionRatio >= HALF || intersectionRect.height >= heightOfBox(target) * MOST_OF_BOX;
}

/** Of the nearest box that scrolls, as far as the window shows it. */
function heightOfBox(element: Element): number {
  for (let box = element.parentElement; box; box = box.parentElement) {
    const { overflowY } = getComputedStyle(box);
    if (overflowY === 'auto' || overflowY === 'scroll') return Math.min(box.clientHeight, window.innerHeight);
  }
  return window.innerHeight;
}

function updateAll(): void {
  for (const [element, watch] of watched) update(element, watch);
}

function update(element: Element, watch: Watched): void {
  if (watch.isOnScreen && document.visibilityState === 'visible') {
    watch.timer ??= setTimeout(() => end(element, watch), SEEN_AFTER_MS);
  } else {
    clearTimeout(watch.timer);
    watch.timer = undefined;
  }
}

function end(element: Element, watch: Watched): void {
  watch.timer = undefined;
  if (watch.isCovered()) {
    update(element, watch);
    return;
  }
  forget(element);
  watch.onSeen();
}
