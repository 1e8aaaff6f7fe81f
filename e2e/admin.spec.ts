/** The admin's form: what it refuses, and what it does when an answer is lost. */
import { ADA, ADMIN, bell, expect, test, toasts, uniqueTitle } from './fixtures.ts';

test('every field of the form says beside itself what is wrong with it', async ({ signIn }) => {
  const { page } = await signIn(ADMIN, { path: '/admin' });
  const title = page.getByLabel('Title');
  const message = page.getByLabel('Message');
  const link = page.getByLabel('Link');
  const send = page.getByRole('button', { name: 'Send to everyone' });

  await send.click();
  await expect(title).toHaveAccessibleDescription('Give the notification a title.');
  await expect(title).toHaveAttribute('aria-invalid', 'true');
  await expect(title).toBeFocused();
  await expect(message).toHaveAccessibleDescription('Write a message.');

  await title.fill('x'.repeat(201));
  await message.fill('x'.repeat(10_001));
  await link.fill('javascript:alert(1)');
  await send.click();
  await expect(title).toHaveAccessibleDescription(/Keep the title to 200 characters\./);
  await expect(message).toHaveAccessibleDescription(/Keep the message to 10,000 characters\./);
  await expect(link).toHaveAccessibleDescription(
    /^Start the link with \/ for a page of this site, or with https:\/\/\./,
  );
  // Nobody has to type it again.
  await expect(link).toHaveValue('javascript:alert(1)');
  await expect(title).toHaveValue('x'.repeat(201));

  await title.fill('Better');
  await message.fill('Better.');
  await send.click();
  await expect(title).not.toHaveAttribute('aria-invalid');
  await expect(title).toHaveValue('Better');
  await expect(link).toBeFocused();
});

test('priority, link and expiry that an admin chooses are what people see', async ({ signIn }) => {
  const ada = await signIn(ADA);
  const { page } = await signIn(ADMIN, { path: '/admin' });
  const title = uniqueTitle('With everything');
  await page.getByLabel('Title').fill(title);
  await page.getByLabel('Message').fill('One line\nand another');
  await page.getByLabel('Priority').selectOption('Critical');
  await page.getByLabel('Expires').selectOption('In 1 hour');
  await page.getByLabel('Link').fill('https://example.com/changes');
  await page.getByRole('button', { name: 'Send to everyone' }).click();

  const toast = ada.page.getByRole('alert').filter({ hasText: title });
  await expect(toast).toContainText('Critical');
  await expect(toast.getByRole('link', { name: /Open example\.com/ })).toBeVisible();
  await bell(ada.page).open();
  await expect(bell(ada.page).item(title)).toContainText(/expires in (59 minutes|1 hour)/);
  const row = page.getByRole('row').filter({ hasText: title });
  await expect(row).toContainText('just now');
  await expect(row).toContainText(/in (59 minutes|1 hour)/);
});

test('a notice whose answer was lost is sent once, however often the button is pressed', async ({
  expectErrors,
  signIn,
}) => {
  expectErrors(/net::ERR_|Failed to fetch/);
  const ada = await signIn(ADA);
  const { page } = await signIn(ADMIN, { path: '/admin' });
  const title = uniqueTitle('Sent once');
  await page.getByLabel('Title').fill(title);
  await page.getByLabel('Message').fill('The answer gets lost.');
  const typed = Promise.withResolvers<void>();
  await page.route('**/admin', async (route) => {
    await route.fetch();
    await typed.promise;
    await route.abort();
  });
  await page.getByRole('button', { name: 'Send to everyone' }).click();
  // What is typed while it is on its way makes no other notice of it.
  await page.getByLabel('Message').pressSequentially(' Or not');
  typed.resolve();
  await expect(page.getByText('The server could not be reached. Press the button again')).toBeVisible();
  await expect(page.getByLabel('Title')).toHaveValue(title);
  await expect(page.getByLabel('Message')).toHaveValue('The answer gets lost.');
  await bell(ada.page).showsUnread(1);

  await page.unroute('**/admin');
  await page.getByRole('button', { name: 'Send to everyone' }).click();
  await expect(page.getByText(`“${title}” was sent to everyone.`)).toBeVisible();
  await expect(page.getByRole('row').filter({ hasText: title })).toHaveCount(1);
  await bell(ada.page).showsUnread(1);
  await expect(toasts(ada.page, title)).toHaveCount(1);
});

test('an admin sees how many people have dismissed a notice', async ({ admin, signIn }) => {
  const title = uniqueTitle('Counted');
  await admin.sendNotice({ title });
  const ada = await signIn(ADA);
  const { page } = await signIn(ADMIN, { path: '/admin' });
  const dismissedBy = page.getByRole('row').filter({ hasText: title }).getByRole('cell').last();
  await expect(dismissedBy).toHaveText('0', { useInnerText: true });
  await bell(ada.page).open();
  const answered = ada.page.waitForResponse('**/notifications/dismiss');
  await bell(ada.page).dismiss(title);
  await answered;
  await page.getByRole('button', { name: 'Refresh' }).click();
  await expect(dismissedBy).toHaveText('1', { useInnerText: true });
});
