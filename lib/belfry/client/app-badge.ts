/** The number at the icon of an app that somebody has installed. It outlives the page. */

/** Nothing where the browser has no such badge; 0 takes it away. */
export function showAppBadge(count: number): void {
  if (!('setAppBadge' in navigator)) return;
  // It is refused where the app is not installed, on some systems: nothing is lost then.
  const shown = count > 0 ? navigator.setAppBadge(count) : navigator.clearAppBadge();
  shown.catch(() => {});
}
