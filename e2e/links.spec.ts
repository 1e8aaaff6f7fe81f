/** What a press on a notification's link asks the server for. */
import type { Page } from '@playwright/test';
import { ADA, bell, expect, test, toasts, uniqueTitle } from './fixtures.ts';

// A route handler, as a one-time link would be.
const NO_PAGE = '/api/health';

function countRequests(page: Page, path: string) {
  const seen: string[] = [];
  page.on('request', (request) => {
    if (new URL(request.url()).pathname === path) seen.push(request.resourceType());
  });
  return seen;
}

for (const place of ['toast', 'list'] as const) {
  test(`a link of the ${place} to what is no page is asked for once, and only when it is pressed`, async ({
    admin,
    signIn,
  }) => {
    const { page } = await signIn(ADA);
    const asked = countRequests(page, NO_PAGE);
    const title = uniqueTitle('Only once');
    await admin.sendTo(ADA, { title, link: `${NO_PAGE}?once=1`, priority: 'CRITICAL' });
    await expect(toasts(page, title)).toBeVisible();
    if (place === 'list') await bell(page).open();
    const link = (place === 'list' ? bell(page).item(title) : toasts(page, title)).getByRole('link');
    await link.hover();
    await link.focus();
    // What a look or a touch would ask for has been asked for when the network is quiet about it.
    await expect(link).toBeFocused();
    expect(asked).toEqual([]);
    await link.click();
    await page.waitForURL(`**${NO_PAGE}?once=1`);
    expect(asked).toEqual(['document']);
  });
}

test('a link to a page keeps the document, and with it the live connection', async ({ admin, signIn }) => {
  const { page } = await signIn('admin@belfry.test');
  const documents = countRequests(page, '/admin');
  const title = uniqueTitle('To a page');
  await admin.sendTo('admin@belfry.test', { title, link: '/admin', priority: 'CRITICAL' });
  await toasts(page, title).getByRole('link', { name: 'Open /admin' }).click();
  await expect(page.getByRole('heading', { name: 'Ring for everyone' })).toBeVisible();
  expect(documents).not.toContain('document');
});
