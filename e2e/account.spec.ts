/** What somebody does about their own account: the password, and the browsers in which they are signed in. */
import type { Page } from '@playwright/test';
import { connection, EVERYWHERE_WITHIN, expect, test } from './fixtures.ts';

const REFUSED = /status of 40[13]/;
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0';
const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1';

interface Account {
  email: string;
  password: string;
}

async function signInByForm(page: Page, { email, password }: Account) {
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

async function openAccountPage(page: Page) {
  await page.getByRole('button', { name: /^Account of/ }).click();
  await page.getByRole('link', { name: 'Password and sessions' }).click();
  await expect(page.getByRole('heading', { name: 'Your account' })).toBeVisible();
}

/** One of the sessions in the list, by its browser. */
const session = (page: Page, browser: string) =>
  page.getByRole('listitem').filter({ has: page.getByText(browser, { exact: true }) });

test('whoever ends one of their sessions signs that browser out within 2 s, and no other', {
  tag: '@long',
}, async ({ expectErrors, makeAccount, openBrowser, openStreams, signIn }) => {
  expectErrors(REFUSED);
  await expect.poll(openStreams).toBe(0);
  const account = await makeAccount();
  const here = await signIn(account.email, { password: account.password });
  const openWith = async (userAgent: string) => {
    const page = await (await openBrowser({ userAgent })).newPage();
    await page.goto('/sign-in?callbackUrl=/admin');
    await signInByForm(page, account);
    await expect(page.getByRole('heading', { name: 'Ring for everyone' })).toBeVisible({ timeout: 15_000 });
    await expect(connection(page)).toHaveText('Live');
    return page;
  };
  const desk = await openWith(FIREFOX);
  const phone = await openWith(IPHONE);
  await openAccountPage(here.page);
  await expect(here.page.getByRole('main').getByRole('listitem')).toHaveCount(3);
  await expect(session(here.page, 'node')).toContainText('This browser');
  await expect(session(here.page, 'Safari on iOS')).toContainText(/Address127\.0\.0\.1Signed injust now/);
  await expect(session(here.page, 'node').getByRole('button')).toHaveCount(0);

  // By keyboard: asked for, thought better of, asked for again.
  const end = session(here.page, 'Firefox on Linux').getByRole('button', { name: /^End/ });
  const dialog = here.page.getByRole('dialog', { name: 'End the session of Firefox on Linux?' });
  await end.press('Enter');
  await expect(dialog).toBeVisible();
  await here.page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(end).toBeFocused();
  await end.press('Enter');
  await dialog.getByRole('button', { name: 'End session' }).press('Enter');

  await expect(connection(desk)).toHaveText('Signed out', EVERYWHERE_WITHIN);
  await expect(here.page.getByText('The session has ended.')).toBeVisible();
  await expect(session(here.page, 'Firefox on Linux')).toHaveCount(0);
  await expect.poll(openStreams).toBe(2);
  await expect(connection(phone)).toHaveText('Live');
  await expect(connection(here.page)).toHaveText('Live');

  await desk.getByRole('status').getByRole('link', { name: 'Sign in' }).click();
  await signInByForm(desk, account);
  await expect(desk.getByRole('heading', { name: 'Ring for everyone' })).toBeVisible();
});

test('whoever ends all other sessions stays signed in alone', { tag: '@long' }, async ({
  expectErrors,
  makeAccount,
  openStreams,
  signIn,
}) => {
  expectErrors(REFUSED);
  await expect.poll(openStreams).toBe(0);
  const { email, password } = await makeAccount();
  const others = [await signIn(email, { password }), await signIn(email, { password })];
  const here = await signIn(email, { password, path: '/settings/account' });
  await here.page.getByRole('button', { name: 'End all other sessions' }).click();
  await here.page.getByRole('button', { name: 'End them' }).click();
  for (const { page } of others) await expect(connection(page)).toHaveText('Signed out', EVERYWHERE_WITHIN);
  await expect(here.page.getByText('You are signed out everywhere else.')).toBeVisible();
  await expect(here.page.getByRole('main').getByRole('listitem')).toHaveCount(1);
  await expect(here.page.getByRole('button', { name: 'End all other sessions' })).toHaveCount(0);
  await expect(connection(here.page)).toHaveText('Live');
  await expect.poll(openStreams).toBe(1);
});

test('a new password asks for the one before, and signs everybody else out', { tag: '@long' }, async ({
  expectErrors,
  makeAccount,
  openBrowser,
  signIn,
}) => {
  expectErrors(REFUSED);
  const account = await makeAccount();
  const other = await signIn(account.email, { password: account.password });
  const { page } = await signIn(account.email, { password: account.password, path: '/settings/account' });
  const fields = {
    current: page.getByLabel('Current password'),
    password: page.getByLabel('New password', { exact: true }),
    again: page.getByLabel('New password again'),
  };
  const change = async (current: string, password: string, again = password) => {
    await fields.current.fill(current);
    await fields.password.fill(password);
    await fields.again.fill(again);
    await page.getByRole('button', { name: 'Change password' }).click();
  };
  const next = 'a quite different one';

  await change(account.password, 'short');
  await expect(fields.password).toHaveAccessibleDescription(/at least 10 characters/);
  await expect(fields.password).toBeFocused();
  await change(account.password, next, `${next}!`);
  await expect(fields.again).toHaveAccessibleDescription(/not the same as above/);
  await change('not my password', next);
  await expect(fields.current).toHaveAccessibleDescription('This is not your current password.');
  await expect(fields.current).toBeFocused();
  await expect(connection(other.page)).toHaveText('Live');

  await change(account.password, next);
  await expect(page.getByText('Your password is changed.')).toBeVisible();
  await expect(connection(other.page)).toHaveText('Signed out', EVERYWHERE_WITHIN);
  await expect(connection(page)).toHaveText('Live');
  // Nothing of it is left on the screen.
  for (const field of Object.values(fields)) await expect(field).toHaveValue('');

  const anew = await (await openBrowser()).newPage();
  await anew.goto('/sign-in');
  await signInByForm(anew, account);
  await expect(anew.getByRole('alert').filter({ hasText: /password/ })).toBeVisible();
  await signInByForm(anew, { ...account, password: next });
  await expect(connection(anew)).toHaveText('Live');
});
