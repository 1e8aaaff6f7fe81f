/** Somebody is asked in the list and in a toast, answers with a press, and every tab and everybody who was asked sees it. */
import { ADA, BEN, bell, EVERYWHERE_WITHIN, expect, test, toasts, uniqueTitle } from './fixtures.ts';

const options = [
  { name: 'deploy', label: 'Deploy' },
  { name: 'wait', label: 'Not today' },
];

test('a press in one tab is an answer everywhere: in the other tab, and for the others who were asked', async ({
  signIn,
  admin,
}) => {
  const title = uniqueTitle('Deploy?');
  await admin.ask([ADA, BEN], {
    title,
    message: 'All checks are **green**: see [the list](/inbox).',
    options,
  });
  const [ada, ben] = [await signIn(ADA), await signIn(BEN)];
  const second = await ada.openTab('/inbox');
  await bell(ada.page).open();
  await bell(ben.page).open();
  const item = bell(ada.page).item(title);
  await expect(item.locator('strong')).toHaveText('green');
  await expect(item.getByRole('link', { name: 'the list' })).toHaveAttribute('href', '/inbox');
  await item.getByRole('button', { name: 'Deploy' }).press('Enter');
  await expect(item).toContainText('You chose: Deploy');
  await expect(item.getByRole('button', { name: 'Not today' })).toHaveCount(0);
  const elsewhere = second.getByRole('article').filter({ hasText: title });
  await expect(elsewhere).toContainText('You chose: Deploy', EVERYWHERE_WITHIN);
  const ofBen = bell(ben.page).item(title);
  await expect(ofBen).toContainText('Somebody else chose: Deploy', EVERYWHERE_WITHIN);
  await expect(ofBen.getByRole('button', { name: 'Deploy' })).toHaveCount(0);
});

test('it is answered in its toast as well, and a press that comes too late is taken back with a sentence', async ({
  signIn,
  admin,
  expectErrors,
}) => {
  // The browser itself tells of every refusal.
  expectErrors(/409/);
  const [ada, ben] = [await signIn(ADA), await signIn(BEN)];
  const title = uniqueTitle('Roll back?');
  const first = await admin.ask([ADA, BEN], { title, options });
  const toast = toasts(ben.page, title);
  await expect(toast.getByRole('button', { name: 'Not today' })).toBeVisible();
  // On its way, Ben's press is overtaken by Ada's.
  await ben.page.route('**/notifications/act*', async (route) => {
    expect((await ada.http.post('/notifications/act', { id: first, action: 'deploy' })).status).toBe(200);
    await route.continue();
  });
  await toast.getByRole('button', { name: 'Not today' }).click();
  await expect(toasts(ben.page, 'This was answered already')).toBeVisible();
  await bell(ben.page).open();
  await expect(bell(ben.page).item(title)).toContainText('Somebody else chose: Deploy', EVERYWHERE_WITHIN);
  await bell(ada.page).open();
  await expect(bell(ada.page).item(title)).toContainText('You chose: Deploy');
});
