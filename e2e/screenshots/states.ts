/** Every page in every state that it can be in. One entry is one picture; they are taken in this order. */
import type { Page } from '@playwright/test';
import { ADA, ADMIN } from '../fixtures.ts';

/** What a state may do before its picture is taken. */
export interface Stage {
  page: Page;
  /** Has Ada have nothing, or some of everything. */
  empty: () => Promise<void>;
  fill: () => Promise<void>;
  /** Sends Ada one of each priority, while she is there. */
  ring: () => Promise<void>;
  /** Takes a table of the database away. It is put back after the picture. */
  takeAway: (table: string) => Promise<void>;
}

export interface State {
  name: string;
  /** Whose page it is; without: a visitor's. */
  who?: string;
  path: string;
  /** Before the page is opened. */
  before?: (stage: Stage) => unknown;
  /** When it is open. */
  after?: (stage: Stage) => unknown;
}

const BELL = '.belfry-bell';
const never = async () => {};
// In every language: whatever the page says of its connection, its colour tells of trouble.
const isOffline = (page: Page) => page.locator('header p.text-critical-text').waitFor({ timeout: 20_000 });

const VISITORS: State[] = [
  { name: 'landing', path: '/' },
  { name: 'sign-in', path: '/sign-in' },
  {
    name: 'sign-in-problem',
    path: '/sign-in',
    after: ({ page }) => page.locator('main form button[type=submit]').click(),
  },
  { name: 'not-found', path: '/nowhere' },
];

const EMPTY: State[] = [
  { name: 'home-empty', who: ADA, path: '/', before: ({ empty }) => empty() },
  { name: 'panel-empty', who: ADA, path: '/', after: ({ page }) => page.locator(BELL).click() },
  { name: 'inbox-empty', who: ADA, path: '/inbox' },
  { name: 'inbox-snoozed-empty', who: ADA, path: '/inbox?view=snoozed' },
];

const FULL: State[] = [
  { name: 'home', who: ADA, path: '/', before: ({ fill }) => fill() },
  {
    name: 'home-compact',
    who: ADA,
    path: '/',
    before: ({ page }) =>
      page.context().addCookies([{ name: 'belfry-density', value: 'compact', url: page.url() }]),
    after: ({ page }) => page.context().clearCookies({ name: 'belfry-density' }),
  },
  { name: 'panel', who: ADA, path: '/', after: ({ page }) => page.locator(BELL).click() },
  { name: 'inbox', who: ADA, path: '/inbox' },
  { name: 'inbox-unread', who: ADA, path: '/inbox?view=unread' },
  { name: 'inbox-done', who: ADA, path: '/inbox?view=done' },
  { name: 'settings-notifications', who: ADA, path: '/settings/notifications' },
  { name: 'settings-account', who: ADA, path: '/settings/account' },
  { name: 'settings-appearance', who: ADA, path: '/settings/appearance' },
  {
    name: 'account-menu',
    who: ADA,
    path: '/',
    after: ({ page }) => page.locator('[popovertarget=account-menu]').click(),
  },
  {
    name: 'toasts',
    who: ADA,
    path: '/',
    after: async ({ page, ring }) => {
      await ring();
      await page.locator('.belfry-toast').first().waitFor();
    },
  },
  { name: 'forbidden', who: ADA, path: '/admin' },
  {
    name: 'inbox-loading',
    who: ADA,
    path: '/inbox',
    before: ({ page }) => page.route(/\/(sse|notifications)\//, never),
  },
  {
    name: 'inbox-failure',
    who: ADA,
    path: '/inbox',
    before: ({ page }) => page.route(/\/(sse|notifications)\//, (route) => route.abort()),
    after: ({ page }) => page.locator('main [role=alert]').first().waitFor({ timeout: 20_000 }),
  },
  {
    name: 'offline',
    who: ADA,
    path: '/',
    after: async ({ page }) => {
      await page.context().setOffline(true);
      await isOffline(page);
      await page.locator(BELL).click();
    },
  },
];

const ADMINS: State[] = [
  { name: 'admin', who: ADMIN, path: '/admin' },
  {
    name: 'admin-problem',
    who: ADMIN,
    path: '/admin',
    after: ({ page }) => page.locator('main form button[type=submit]').click(),
  },
  {
    name: 'admin-confirmation',
    who: ADMIN,
    path: '/admin',
    after: async ({ page }) => {
      await page.locator('#title').fill('Maintenance tonight');
      await page.locator('#message').fill('We restart at 23:00.\nIt takes a minute.');
      await page.locator('main form button[type=submit]').click();
      await page.locator('dialog[open]').waitFor();
    },
  },
  {
    name: 'error',
    who: ADMIN,
    path: '/admin',
    before: ({ takeAway }) => takeAway('belfry_event'),
  },
  { name: 'error-of-everything', who: ADMIN, path: '/admin', before: ({ takeAway }) => takeAway('user') },
];

export const STATES: State[] = [...VISITORS, ...EMPTY, ...FULL, ...ADMINS];
