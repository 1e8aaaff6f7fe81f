/**
 * An entry of the browser's history for as long as something stands in front of the page, so that Back
 * closes that and does not leave the page. When it is closed in another way, its entry goes as well.
 */

// In the state of the entry, beside what the router keeps there.
const MARK = 'belfryInFront';

/** What Back closes; the last one first. One entry stands for all of them. */
let closers: (() => void)[] = [];
/** The entry is there, and is the current one. */
let isHeld = false;
/** It was taken back, and the browser is on its way. */
let isLeaving = false;
let isWatching = false;

/** Begins to hold an entry; `close` is called by Back. Returns the way to give it up, which may be called twice. */
export function holdHistoryEntry(close: () => void): () => void {
  watchHistory();
  closers.push(close);
  settle();
  return () => {
    closers = closers.filter((each) => each !== close);
    // Later: what closes and opens again at once, as in a change of size, keeps the entry.
    setTimeout(settle);
  };
}

/** To be called by whoever navigates and replaces the current entry: it is no longer ours. */
export function handOverHistoryEntry(): void {
  isHeld = false;
}

/** Leaves an entry that stands for nothing: the page was loaded again, or somebody went forward to it. */
export function leaveEmptyHistoryEntry(): void {
  watchHistory();
  if (history.state?.[MARK] && !isHeld && !isLeaving) leave();
}

function watchHistory(): void {
  if (isWatching) return;
  isWatching = true;
  window.addEventListener('popstate', () => {
    if (isLeaving) {
      isLeaving = false;
      settle();
    } else if (isHeld) {
      isHeld = false;
      closers.pop()?.();
    } else {
      leaveEmptyHistoryEntry();
    }
  });
}

function settle(): void {
  if (isLeaving || isHeld === closers.length > 0) return;
  if (isHeld) {
    leave();
  } else {
    isHeld = true;
    history.pushState({ [MARK]: true }, '');
  }
}

function leave(): void {
  isHeld = false;
  isLeaving = true;
  history.back();
}
