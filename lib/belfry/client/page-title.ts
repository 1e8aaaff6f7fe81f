/** Changes the title of the page, and goes on doing so while the app gives it others. */

/**
 * @param decorate From the app's title to the one that is shown.
 * @returns Its own undo.
 */
export function decorateTitle(decorate: (title: string) => string): () => void {
  let plain = '';
  let shown: string | null = null;
  /** In place of the app's: between two pages it may have none. */
  let standIn: HTMLTitleElement | null = null;

  function apply(): void {
    const isMissing = [...document.head.querySelectorAll('title')].every((title) => title === standIn);
    if (isMissing) {
      keepShown();
      return;
    }
    standIn?.remove();
    standIn = null;
    // It was written here.
    if (document.title === shown) return;
    plain = document.title;
    document.title = decorate(plain);
    // As the browser reads it back, without white space that it leaves out: otherwise it would be taken for the app's.
    shown = document.title;
  }

  function keepShown(): void {
    if (standIn || shown === null) return;
    standIn = document.createElement('title');
    standIn.textContent = shown;
    document.head.append(standIn);
  }

  apply();
  // Before anything is drawn, so that nobody sees the bare title of the next page.
  const observer = new MutationObserver(apply);
  observer.observe(document.head, { childList: true, subtree: true, characterData: true });
  return () => {
    observer.disconnect();
    standIn?.remove();
    if (document.title === shown) document.title = plain;
  };
}
