/** Who is signed in, who no longer is, and who may open what. */
import type { Page } from '@playwright/test';
import { ADA, ADMIN, BEN, bell, connection, expect, test, toasts, uniqueTitle } from './fixtures.ts';

const PASSWORD = 'belfry-demo';
const REFUSED = /status of 40[13]/;

async function signInByForm(page: Page, email: string, password = PASSWORD) {
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

async function signOut(page: Page) {
  await page.getByRole('button', { name: /^Account of/ }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
}

for (const host of ['127.0.0.1', 'localhost']) {
  test(`signing in, a live notice, dismissing and signing out work on http://${host}`, {
    tag: host === 'localhost' ? '@long' : [],
  }, async ({ admin, openBrowser, server }) => {
    const context = await openBrowser({ baseURL: server.url.replace('127.0.0.1', host) });
    const page = await context.newPage();
    await page.goto('/sign-in');
    await signInByForm(page, ADA);
    await expect(page.getByRole('heading', { name: 'Hello, Ada.' })).toBeVisible();
    await expect(connection(page)).toHaveText('Live');
    expect(new URL(page.url()).hostname).toBe(host);

    const title = uniqueTitle('Welcome');
    await admin.sendTo(ADA, { title });
    await expect(toasts(page, title)).toBeVisible();
    await bell(page).open();
    await bell(page).dismiss(title);
    await bell(page).showsUnread(0);
    await bell(page).close();
    await signOut(page);
    expect(new URL(page.url()).hostname).toBe(host);
    await page.reload();
    await expect(bell(page).button).toHaveCount(0);
  });
}

test('a wrong password and an empty form say what to do, and keep the address', async ({
  expectErrors,
  openBrowser,
}) => {
  expectErrors(REFUSED);
  const page = await (await openBrowser()).newPage();
  await page.goto('/sign-in');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  const email = page.getByLabel('Email');
  const password = page.getByLabel('Password');
  await expect(email).toHaveAccessibleDescription('Enter your email and your password.');
  await expect(email).toBeFocused();

  await signInByForm(page, ADA, 'not-her-password');
  await expect(page.getByRole('alert').filter({ hasText: /password/ })).toBeVisible();
  await expect(email).toHaveValue(ADA);
  await expect(password).toHaveValue('');
  await expect(password).toBeFocused();
  await expect(password).toHaveAccessibleDescription(/password/);
});

test('whoever is sent to sign in comes back to where they wanted to go, and never to another site', async ({
  openBrowser,
  server,
}) => {
  const page = await (await openBrowser()).newPage();
  await page.goto('/admin');
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await signInByForm(page, ADMIN);
  await expect(page.getByRole('heading', { name: 'Ring for everyone' })).toBeVisible();

  const other = await (await openBrowser()).newPage();
  await other.goto('/sign-in?callbackUrl=https://elsewhere.example/');
  await signInByForm(other, ADA);
  await expect(other.getByRole('heading', { name: 'Hello, Ada.' })).toBeVisible();
  expect(new URL(other.url()).origin).toBe(server.url);
});

test('the admin page is for admins: others are told so, and nothing of it is sent to them', async ({
  expectErrors,
  openBrowser,
  signIn,
}) => {
  expectErrors(REFUSED);
  const { page } = await signIn(ADA);
  await expect(page.getByRole('link', { name: 'Admin' })).toHaveCount(0);
  const answer = await page.goto('/admin');
  expect(answer?.status()).toBe(403);
  await expect(page.getByRole('heading', { name: 'This page is for administrators' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Send to everyone' })).toHaveCount(0);

  const stranger = await (await openBrowser()).newPage();
  await stranger.goto('/admin');
  await expect(stranger.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await expect(stranger.getByRole('button', { name: 'Send to everyone' })).toHaveCount(0);
});

test('there is an icon where a browser looks for it when a page names none', async ({ server }) => {
  const answer = await fetch(`${server.url}/favicon.ico`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('image/x-icon');
});

test('signing out closes the stream, and the next person on the same machine sees nothing of the last', async ({
  admin,
  openStreams,
  signIn,
}) => {
  await expect.poll(openStreams).toBe(0);
  const { page } = await signIn(ADA);
  const secret = uniqueTitle('Only for Ada');
  await admin.sendTo(ADA, { title: secret, priority: 'CRITICAL' });
  await expect(toasts(page, secret)).toBeVisible();
  await signOut(page);
  await expect.poll(openStreams).toBe(0);
  await expect(page.getByText(secret)).toHaveCount(0);

  await signInByForm(page, BEN);
  await expect(page.getByRole('heading', { name: 'Hello, Ben.' })).toBeVisible();
  await expect(connection(page)).toHaveText('Live');
  await bell(page).showsUnread(0);
  const forBen = uniqueTitle('Only for Ben');
  await admin.sendTo(BEN, { title: forBen });
  await expect(toasts(page, forBen)).toBeVisible();
  await bell(page).open();
  await expect(bell(page).items).toHaveCount(1);
  await expect(page.getByText(secret)).toHaveCount(0);
  // Nor do they get at it by going back.
  await bell(page).close();
  await page.goBack();
  await expect(connection(page)).toHaveText('Live');
  await expect(page.getByText(secret)).toHaveCount(0);
});

test('a tab whose person signed out in another tab says so, shows nothing of theirs, and offers to sign in again', {
  tag: '@long',
}, async ({ admin, expectErrors, signIn }) => {
  expectErrors(REFUSED);
  const ada = await signIn(ADA);
  const secret = uniqueTitle('Only for Ada');
  await admin.sendTo(ADA, { title: secret, priority: 'CRITICAL' });
  await expect(toasts(ada.page, secret)).toBeVisible();
  const second = await ada.openTab();
  await expect(connection(second)).toHaveText('Live');
  await signOut(second);
  await expect(connection(ada.page)).toHaveText('Signed out', { timeout: 10_000 });
  await bell(ada.page).open();
  await expect(ada.page.getByText(secret)).toHaveCount(0);
  await bell(ada.page).panel.getByRole('link', { name: 'Sign in again' }).click();
  await expect(ada.page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
});

test('a tab of the last person shows nothing of the next who signs in in the same browser', async ({
  admin,
  expectErrors,
  signIn,
}) => {
  expectErrors(REFUSED);
  const ada = await signIn(ADA);
  const second = await ada.openTab();
  await signOut(second);
  await signInByForm(second, BEN);
  await expect(second.getByRole('heading', { name: 'Hello, Ben.' })).toBeVisible();
  await expect(connection(second)).toHaveText('Live');

  const forBen = uniqueTitle('Only for Ben');
  await admin.sendTo(BEN, { title: forBen, priority: 'CRITICAL' });
  await expect(toasts(second, forBen)).toBeVisible();
  await expect(connection(ada.page)).toHaveText('Signed out', { timeout: 10_000 });
  await expect(ada.page.getByText(forBen)).toHaveCount(0);
  // Two people, two tabs, and the one who is signed in keeps a working one.
  await bell(second).open();
  await bell(second).dismiss(forBen);
  await bell(second).showsUnread(0);
});

test('a page that is refreshed after somebody else signed in is theirs, and nothing of the last person is in it', {
  tag: '@long',
}, async ({ admin, expectErrors, signIn }) => {
  expectErrors(REFUSED);
  const { openTab, page } = await signIn(ADMIN, { path: '/admin' });
  const secret = uniqueTitle('Only for the admin');
  await admin.sendTo(ADMIN, { title: secret, priority: 'CRITICAL' });
  await expect(toasts(page, secret)).toBeVisible();
  const second = await openTab();
  await signOut(second);
  await signInByForm(second, ADA);
  await expect(second.getByRole('heading', { name: 'Hello, Ada.' })).toBeVisible();

  await page.getByRole('button', { name: 'Refresh' }).click();
  await expect(page.getByRole('heading', { name: 'This page is for administrators' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Account of Ada Byron' })).toBeVisible();
  await bell(page).showsUnread(0);
  await bell(page).open();
  await expect(bell(page).panel.getByText('Nothing is waiting')).toBeVisible();
  await expect(page.getByText(secret)).toHaveCount(0);
});

test('a new password ends the sessions that stand elsewhere, and their pages say so', {
  tag: '@long',
}, async ({ expectErrors, makeAccount, openStreams, runScript, signIn }) => {
  expectErrors(REFUSED);
  await expect.poll(openStreams).toBe(0);
  const account = await makeAccount();
  const { page } = await signIn(account.email, { password: account.password });
  await runScript('set-password', ['--email', account.email], 'another-long-password');
  await expect(connection(page)).toHaveText('Signed out', { timeout: 20_000 });
  await expect.poll(openStreams).toBe(0);
});

test('a button that is pressed when the session is gone says so, and does not speak of the connection', async ({
  signIn,
  expectErrors,
}) => {
  expectErrors(/Failed to load resource.*\b401\b/);
  const { page, context } = await signIn(ADA);
  await context.clearCookies();
  await page.getByRole('button', { name: 'Build my report' }).click();
  await expect(page.getByText('Nobody is signed in. Sign in, then try again.')).toBeVisible();
});
