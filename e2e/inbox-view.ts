/** The inbox on its page, as somebody sees it. */
import { expect, type Page } from '@playwright/test';

export function inbox(page: Page) {
  const region = page.getByRole('region', { name: 'Your notifications' });
  const item = (title: string) =>
    region.getByRole('article').filter({ has: page.getByRole('heading', { name: title, exact: true }) });
  return {
    region,
    item,
    items: region.getByRole('article'),
    /** What opens it, and has the focus when the keyboard comes to it. */
    opener: (title: string) => item(title).locator('[data-open]'),
    view: (name: string) => region.getByRole('button', { name: new RegExp(`^${name}( \\d+)?$`) }),
    search: region.getByRole('searchbox', { name: 'Search' }),
    press: (title: string, name: string) => item(title).getByRole('button', { name, exact: true }).click(),
    select: (title: string, options: { modifiers?: ['Shift'] } = {}) =>
      item(title).getByRole('checkbox', { name: 'Select' }).click(options),
    selection: page.getByRole('region', { name: 'What is selected' }),
    snoozeMenu: page.getByRole('dialog', { name: 'Snooze until' }),
    undo: region.getByRole('button', { name: 'Undo' }),
    /** The titles from the top on. */
    showsInOrder: (titles: readonly string[]) =>
      expect(region.getByRole('heading', { level: 4 })).toHaveText(titles),
  };
}
