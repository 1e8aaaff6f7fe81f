/** The part of Playwright that is used; `page` is one of its pages. */
export interface PageLike {
  getByRole(role: 'status' | 'alert' | 'article'): LocatorLike;
}

interface LocatorLike {
  or(other: LocatorLike): LocatorLike;
  filter(options: { hasText: string | RegExp }): LocatorLike;
  first(): LocatorLike;
  waitFor(options?: { timeout?: number }): Promise<void>;
}

/**
 * Waits until a notification is on the page: as a toast, or as an item of the list where that is open.
 *
 * @param text Its title, or any other text of it.
 * @throws Playwright's own error when it does not come in time.
 */
export async function waitForNotification<Page extends PageLike>(
  page: Page,
  text: string | RegExp,
  options: { timeout?: number } = {},
): Promise<void> {
  const toast = page.getByRole('status').or(page.getByRole('alert'));
  await toast.or(page.getByRole('article')).filter({ hasText: text }).first().waitFor(options);
}
