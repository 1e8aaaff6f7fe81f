/**
 * Pages that the browser translates. A translator puts `<font>` elements in the place of every text, and goes
 * on doing so with what appears: nothing on the page may fail over it, and what changes has to show.
 */
import type { BrowserContext } from '@playwright/test';
import {
  ADA,
  ADMIN,
  bell,
  connection,
  expect,
  sendToEveryone,
  test,
  toasts,
  uniqueTitle,
} from './fixtures.ts';

/** As Chromium does it, but word for word, so that what is on the screen can be read here. */
function translateFromNowOn(): void {
  const LEFT_ALONE = 'font, script, style, noscript, textarea, title, option';
  function translate(root: Node): void {
    const texts: Text[] = [];
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    if (root instanceof Text) texts.push(root);
    while (walker.nextNode()) texts.push(walker.currentNode as Text);
    for (const text of texts) {
      if (!text.data.trim() || text.parentElement?.closest(LEFT_ALONE)) continue;
      const [outer, inner] = [document.createElement('font'), document.createElement('font')];
      inner.textContent = text.data;
      outer.append(inner);
      text.replaceWith(outer);
    }
  }
  // What is on the page is not React's yet: it has to find it as the server wrote it.
  const isReady = () => document.querySelector('main') && Object.keys(document.body).length > 0;
  const begin = () => {
    if (!isReady()) {
      requestAnimationFrame(begin);
      return;
    }
    translate(document.body);
    new MutationObserver((changes) => {
      for (const { addedNodes } of changes) for (const node of addedNodes) translate(node);
    }).observe(document.body, { childList: true, subtree: true });
    document.documentElement.dataset.translated = '';
  };
  // Well after hydration, as a person who asks for it.
  document.addEventListener('readystatechange', () => {
    if (document.readyState === 'complete') setTimeout(begin, 300);
  });
}

async function translate(context: BrowserContext) {
  await context.addInitScript(translateFromNowOn);
}

const translated = (page: import('@playwright/test').Page) =>
  expect(page.locator('html[data-translated]')).toBeAttached();

test('signing in works on a translated page, with a wrong password first', { tag: '@long' }, async ({
  expectErrors,
  openBrowser,
}) => {
  expectErrors(/status of 401/);
  const context = await openBrowser();
  await translate(context);
  const page = await context.newPage();
  await page.goto('/sign-in');
  await translated(page);
  const submit = page.getByRole('button', { name: 'Sign in', exact: true });

  await submit.click();
  await expect(page.getByRole('alert').filter({ hasText: 'Enter your email' })).toBeVisible();
  await page.getByLabel('Email').fill(ADA);
  await page.getByLabel('Password').fill('not-her-password');
  await submit.click();
  await expect(page.getByRole('alert').filter({ hasText: /password/ })).not.toContainText('Enter your email');
  await page.getByLabel('Password').fill('nor-is-this');
  await submit.click();
  await expect(page.getByRole('alert').filter({ hasText: /password/ })).toBeVisible();
  await page.getByLabel('Password').fill('belfry-demo');
  await submit.click();
  await expect(page.getByRole('heading', { name: 'Hello, Ada.' })).toBeVisible();
  await expect(connection(page)).toHaveText('Live');

  await translated(page);
  await page.getByRole('button', { name: /^Account of/ }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
});

test('on a translated page notifications come, are counted, dismissed and cleared', async ({
  admin,
  signIn,
}) => {
  const { context, page } = await signIn(ADA);
  await translate(context);
  await page.reload();
  await translated(page);
  const { close, dismiss, item, open, panel, showsUnread } = bell(page);
  await expect(page.getByText('You have dealt with everything.')).toBeVisible();
  const [first, second, third] = [uniqueTitle('First'), uniqueTitle('Second'), uniqueTitle('Third')];

  await admin.sendTo(ADA, { title: first, priority: 'CRITICAL', link: '/admin' });
  await expect(toasts(page, first)).toBeVisible();
  await expect(page.getByText('1 notification is waiting.')).toBeVisible();
  await admin.sendTo(ADA, { title: second, message: 'A sentence of the middle. '.repeat(40) });
  await showsUnread(2);
  await expect(page.getByText('2 notifications are waiting.')).toBeVisible();
  await toasts(page, first).getByRole('button', { name: 'Close' }).click();
  await expect(toasts(page, first)).toBeHidden();

  await open();
  await expect(panel.getByText('2 unread')).toBeVisible();
  await item(second).getByRole('button', { name: 'Show all' }).click();
  await item(second).getByRole('button', { name: 'Show less' }).click();
  // Whoever has all of it before them has read it.
  await expect(panel.getByText('1 unread')).toBeVisible();
  await item(second).getByRole('button', { name: 'Mark as unread' }).click();
  await dismiss(first);
  await expect(item(first)).toBeHidden();
  await expect(panel.getByText('1 unread')).toBeVisible();
  await admin.sendTo(ADA, { title: third, expiresIn: 3 });
  await expect(item(third)).toContainText('expires');
  await expect(panel.getByText('2 unread')).toBeVisible();
  await expect(item(third)).toBeHidden({ timeout: 6_000 });
  await bell(page).clearAll();
  await expect(panel.getByText('Nothing is waiting')).toBeVisible();
  await close();
  await expect(page.getByText('You have dealt with everything.')).toBeVisible();

  await Promise.all(Array.from({ length: 120 }, (_, i) => admin.sendTo(ADA, { title: `Number ${i}` })));
  await showsUnread(120);
  await expect(toasts(page).filter({ hasText: 'more notifications' })).toBeVisible();
  await open();
  await expect(panel.getByText('120 unread')).toBeVisible();
  const older = panel.getByRole('button', { name: /older/ });
  // It may go by itself between a look and a press.
  await expect(async () => {
    if (await older.isVisible()) await older.click({ timeout: 1_000 });
    await expect(older).toBeHidden({ timeout: 1_000 });
  }).toPass();
  await bell(page).clearAll();
  await expect(panel.getByText('Nothing is waiting')).toBeVisible();
});

test('a translated page says how far a report is, and that the connection is gone and back', {
  tag: '@long',
}, async ({ expectErrors, signIn }) => {
  expectErrors(/net::ERR_|Failed to fetch|network error/i);
  const { context, page } = await signIn(ADA);
  await translate(context);
  await page.reload();
  await translated(page);
  await page.getByRole('button', { name: 'Build my report' }).click();
  for (const text of ['1 of 5', 'Checking them twice', '3 of 5', 'Writing the summary', 'Finished.']) {
    await expect(page.getByText(text)).toBeVisible({ timeout: 10_000 });
  }
  await context.setOffline(true);
  await expect(connection(page)).toHaveText('Offline', { timeout: 15_000 });
  await page.getByRole('button', { name: 'Build my report' }).click();
  await expect(page.getByText('The server could not be reached.')).toBeVisible();
  await context.setOffline(false);
  await expect(connection(page)).toHaveText('Live', { timeout: 15_000 });
});

test('a notice can be sent from a translated page, with mistakes first', { tag: '@long' }, async ({
  signIn,
}) => {
  const { context, page } = await signIn(ADMIN, { path: '/admin' });
  await translate(context);
  await page.reload();
  await translated(page);
  const title = uniqueTitle('Translated');
  const send = page.getByRole('button', { name: 'Send to everyone' });
  await send.click();
  await expect(page.getByText('Give the notification a title.')).toBeVisible();
  await page.getByLabel('Title').fill('x'.repeat(195));
  await expect(page.getByText('5 left')).toBeVisible();
  await page.getByLabel('Title').fill('x'.repeat(201));
  await expect(page.getByText('1 too many')).toBeVisible();
  await page.getByLabel('Message').fill('For everybody.');
  await send.click();
  await expect(page.getByText('Keep the title to 200 characters.')).toBeVisible();
  await page.getByLabel('Title').fill(title);
  await sendToEveryone(page);
  await expect(page.getByText(`“${title}” was sent to everyone.`)).toBeVisible();
  await expect(page.getByRole('row').filter({ hasText: title })).toContainText('Normal');
  await page.getByRole('button', { name: 'Refresh' }).click();
  await expect(page.getByRole('button', { name: 'Refresh' })).toBeEnabled();
  await expect(toasts(page, title)).toBeVisible();
});

test('on a translated page a session is ended, and mistakes of a new password are told', {
  tag: '@long',
}, async ({ expectErrors, makeAccount, server, signIn }) => {
  expectErrors(/status of 40\d/);
  const account = await makeAccount();
  const { context, page } = await signIn(account.email, { password: account.password });
  await server.signIn(account.email, account.password);
  await translate(context);
  await page.goto('/settings/account');
  await translated(page);
  await page.getByLabel('Current password').fill('not-the-password');
  await page.getByLabel('New password', { exact: true }).fill('a-rather-long-one');
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByLabel('New password again')).toHaveAttribute('aria-invalid', 'true');
  await page.getByRole('button', { name: 'End all other sessions' }).click();
  const question = page.getByRole('dialog', { name: 'End all other sessions?' });
  await question.getByRole('button', { name: 'Cancel' }).click();
  await expect(question).toBeHidden();
  await page.getByRole('button', { name: 'End all other sessions' }).click();
  await question.getByRole('button', { name: 'End them' }).click();
  await expect(question).toBeHidden();
  await expect(page.getByRole('button', { name: 'End all other sessions' })).toBeHidden();
});
