/** The admin's form: what it refuses, and what it does when an answer is lost. */
import {
  ADA,
  ADMIN,
  bell,
  confirmation,
  expect,
  sendToEveryone,
  test,
  toasts,
  uniqueTitle,
} from './fixtures.ts';

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
  await sendToEveryone(page);

  const toast = ada.page.getByRole('alert').filter({ hasText: title });
  await expect(toast).toContainText('Critical');
  await expect(toast.getByRole('link', { name: /Open example\.com/ })).toBeVisible();
  await bell(ada.page).open();
  await expect(bell(ada.page).item(title)).toContainText(/expires in (59 minutes|1 hour)/);
  const row = page.getByRole('row').filter({ hasText: title });
  await expect(row).toContainText('just now');
  await expect(row).toContainText(/in (59 minutes|1 hour)/);
});

test('a notice whose answer was lost is sent once, however often the button is pressed', {
  tag: '@long',
}, async ({ expectErrors, signIn }) => {
  expectErrors(/net::ERR_|Failed to fetch/);
  const ada = await signIn(ADA);
  const { page } = await signIn(ADMIN, { path: '/admin' });
  const title = uniqueTitle('Sent once');
  await page.getByLabel('Title').fill(title);
  await page.getByLabel('Message').fill('The answer gets lost.');
  const typed = Promise.withResolvers<void>();
  await page.getByRole('button', { name: 'Send to everyone' }).click();
  await expect(confirmation(page)).toBeVisible();
  await page.route('**/admin', async (route) => {
    await route.fetch();
    await typed.promise;
    await route.abort();
  });
  await confirmation(page).getByRole('button', { name: 'Send' }).click();
  // What is typed while it is on its way makes no other notice of it.
  await page.getByLabel('Message').pressSequentially(' Or not');
  typed.resolve();
  await expect(page.getByText('The server could not be reached. Press the button again')).toBeVisible();
  await expect(page.getByLabel('Title')).toHaveValue(title);
  await expect(page.getByLabel('Message')).toHaveValue('The answer gets lost.');
  await bell(ada.page).showsUnread(1);

  await page.unroute('**/admin');
  await sendToEveryone(page);
  await expect(page.getByText(`“${title}” was sent to everyone.`)).toBeVisible();
  await expect(page.getByRole('row').filter({ hasText: title })).toHaveCount(1);
  await bell(ada.page).showsUnread(1);
  await expect(toasts(ada.page, title)).toHaveCount(1);
});

test('an admin sees how many people have dismissed a notice', { tag: '@long' }, async ({ admin, signIn }) => {
  const title = uniqueTitle('Counted');
  await admin.sendNotice({ title });
  const ada = await signIn(ADA);
  const { page } = await signIn(ADMIN, { path: '/admin' });
  const dismissedBy = page.getByRole('row').filter({ hasText: title }).getByRole('cell').last();
  await expect(dismissedBy).toHaveText('0', { useInnerText: true });
  await bell(ada.page).open();
  const answered = ada.page.waitForResponse('**/notifications/dismiss?*');
  await bell(ada.page).dismiss(title);
  await answered;
  await page.getByRole('button', { name: 'Refresh' }).click();
  await expect(dismissedBy).toHaveText('1', { useInnerText: true });
});

test('what goes to everyone is confirmed first, by who knows what goes to whom', async ({ signIn }) => {
  const ada = await signIn(ADA);
  const { page } = await signIn(ADMIN, { path: '/admin' });
  const title = uniqueTitle('To be confirmed');
  const send = page.getByRole('button', { name: 'Send to everyone' });
  await page.getByLabel('Message').fill('Once it is meant.');
  await page.getByLabel('Priority').selectOption('HIGH');
  await page.getByLabel('Expires').selectOption('In 1 day');
  await page.getByLabel('Title').fill(title);
  // Enter in a field asks, and no more; nor does Enter when it is pressed again, or held.
  await page.keyboard.press('Enter');
  const question = confirmation(page);
  await expect(question).toBeVisible();
  await expect(question).toHaveAttribute('aria-modal', 'true');
  for (const part of [title, 'Everyone', 'High', 'In 1 day']) await expect(question).toContainText(part);
  await expect(question).toBeFocused();
  for (let held = 0; held < 5; held++) await page.keyboard.down('Enter');
  await page.keyboard.up('Enter');
  await expect(question).toBeVisible();

  // Each way out sends nothing, and keeps what was typed.
  await question.getByRole('button', { name: 'Cancel' }).click();
  await expect(question).toBeHidden();
  await expect(page.getByLabel('Title')).toBeFocused();
  for (const leave of [
    () => page.keyboard.press('Escape'),
    () => page.goBack(),
    () => page.mouse.click(5, 5),
  ]) {
    await send.dblclick();
    await expect(question).toBeVisible();
    await leave();
    await expect(question).toBeHidden();
    await expect(page.getByLabel('Title')).toHaveValue(title);
    await expect(page.getByLabel('Priority')).toHaveValue('HIGH');
  }
  await page.getByLabel('Title').focus();
  for (let held = 0; held < 10; held++) await page.keyboard.down('Enter');
  await page.keyboard.up('Enter');
  await expect(question).toBeVisible();
  await bell(ada.page).showsUnread(0);

  await question.getByRole('button', { name: 'Send' }).click();
  await expect(page.getByText(`“${title}” was sent to everyone.`)).toBeVisible();
  await expect(page.getByRole('row').filter({ hasText: title })).toHaveCount(1);
  await bell(ada.page).showsUnread(1);
  await expect(page.getByLabel('Title')).toHaveValue('');
  await expect.poll(() => page.evaluate(() => history.state?.belfryInFront)).toBeUndefined();
});

test('the confirmation is sent by keyboard, and a double click where it opens sends nothing', async ({
  signIn,
}) => {
  const ada = await signIn(ADA);
  // So low that the question has to scroll.
  const { page } = await signIn(ADMIN, { path: '/admin', viewport: { width: 320, height: 256 } });
  const title = uniqueTitle('By keyboard');
  await page.getByLabel('Title').fill(title);
  await page.getByLabel('Message').fill('Meant.');
  await page.keyboard.press('Tab');
  await page.getByRole('button', { name: 'Send to everyone' }).focus();
  await page.keyboard.press('Enter');
  const question = confirmation(page);
  await expect(question).toBeFocused();
  expect(await question.evaluate((dialog) => dialog.scrollTop)).toBe(0);
  // A press that comes with the question, wherever its button stands.
  await question.getByRole('button', { name: 'Send' }).dispatchEvent('click', { detail: 2 });
  await bell(ada.page).showsUnread(0);
  await page.keyboard.press('Tab');
  await expect(question.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page.getByText(`“${title}” was sent to everyone.`)).toBeVisible();
  await bell(ada.page).showsUnread(1);
});

test('the counter counts a line break as the server does', { tag: '@long' }, async ({ signIn }) => {
  const { page } = await signIn(ADMIN, { path: '/admin' });
  const message = page.getByLabel('Message');
  await page.getByLabel('Title').fill(uniqueTitle('Counted'));
  // 9,999 characters, 99 of them line breaks, and white space around them that does not count.
  const lines = Array.from({ length: 100 }, () => 'x'.repeat(99)).join('\n');
  await message.fill(`  ${lines}\n\n`);
  await expect(message).toHaveAccessibleDescription('1 left');
  await message.fill(`${lines}xx`);
  await expect(message).toHaveAccessibleDescription('1 too many');
  await page.getByRole('button', { name: 'Send to everyone' }).click();
  await expect(message).toHaveAccessibleDescription(/Keep the message to 10,000 characters\./);
  await message.fill(`${lines}x`);
  await sendToEveryone(page);
  await expect(page.getByText('was sent to everyone.')).toBeVisible();
});
