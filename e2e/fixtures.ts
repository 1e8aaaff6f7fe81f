/**
 * What the tests do, as verbs. Each one tidies up after itself, and whatever a page reports as an error
 * (console, uncaught exception, Content-Security-Policy) fails its test unless the test said that it
 * would come.
 */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  test as base,
  expect,
  type Locator,
  type Page,
} from '@playwright/test';
import Database from 'better-sqlite3';
import { type SignedIn, startServer, type TestServer } from '../test/support/server.ts';

export { expect } from '@playwright/test';

export const ADMIN = 'admin@belfry.test';
export const ADA = 'ada@belfry.test';
export const BEN = 'ben@belfry.test';
const DEMO_PEOPLE = [ADMIN, ADA, BEN];

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** What the product promises for every other tab and device. */
export const EVERYWHERE_WITHIN = { timeout: 2_000 };

export type Priority = 'LOW' | 'NORMAL' | 'HIGH' | 'CRITICAL';

export interface Notice {
  title: string;
  message?: string;
  priority?: Priority;
  link?: string;
  expiresIn?: number;
}

/** Somebody who is signed in, with a browser of their own. */
export interface Person {
  email: string;
  /** The browser: its tabs share cookies, locks and streams. */
  context: BrowserContext;
  /** Its first tab, on the home page. */
  page: Page;
  /** The same session without a browser. */
  http: SignedIn;
  /** Another tab of the same browser, on the home page unless said otherwise. */
  openTab: (path?: string) => Promise<Page>;
}

interface SignInOptions extends BrowserContextOptions {
  /** Where the first tab goes. */
  path?: string;
}

interface Admin {
  /** To everybody, without a browser. Resolves to the id once the notice is durable. */
  sendNotice: (notice: Notice) => Promise<number>;
  /** To one person. */
  sendTo: (email: string, notice: Notice) => Promise<number>;
  /** As by these people, one after the other, on one post: their comments make a group. */
  comment: (email: string, authors: readonly string[]) => Promise<void>;
  /** Asks some people, the first of whom to answer answers for all. */
  ask: (emails: readonly string[], question: Question) => Promise<number>;
}

/** The payload of a `Question`. */
export interface Question {
  title: string;
  message?: string;
  options: { name: string; label: string }[];
}

interface Account {
  email: string;
  password: string;
}

interface TestFixtures {
  /** A browser without a session. */
  openBrowser: (options?: BrowserContextOptions) => Promise<BrowserContext>;
  /** A browser with a session, whose home page has its live connection. */
  signIn: (email: string, options?: SignInOptions & { password?: string }) => Promise<Person>;
  admin: Admin;
  /** An account that nobody has used yet; made by `create-admin`, and so an admin's. */
  makeAccount: (name?: string) => Promise<Account>;
  /** Runs one of the project's scripts on the server's database, with `input` typed in. */
  runScript: (script: string, args: string[], input?: string) => Promise<string>;
  /** The streams that the server has open, as its health page says. */
  openStreams: () => Promise<number>;
  /** From here on, these errors are part of the test. */
  expectErrors: (pattern: RegExp) => void;
  /** Everybody begins with an empty inbox, whatever an earlier test has left. */
  emptyInboxes: undefined;
}

interface WorkerFixtures {
  /** The built app on a database of its own; running whenever a test begins. */
  server: TestServer;
}

/** What Chromium prints when a request cannot be made: part of every test that takes the network away. */
export const NETWORK_IS_GONE = /net::ERR_|Failed to fetch|network error/i;

export const test = base.extend<
  TestFixtures & { errors: { seen: string[]; expected: RegExp[] } },
  WorkerFixtures
>({
  server: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures from the pattern
    async ({}, use) => {
      const server = await startServer({ env: { SEND_LIMIT_PER_MINUTE: '100000' } });
      await use(server);
      await server.remove();
    },
    { scope: 'worker' },
  ],

  errors: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures from the pattern
    async ({}, use) => {
      const errors = { seen: [] as string[], expected: [] as RegExp[] };
      await use(errors);
      const unexpected = errors.seen.filter((text) => !errors.expected.some((pattern) => pattern.test(text)));
      expect(unexpected, 'errors that a page reported').toEqual([]);
    },
    { auto: true },
  ],

  expectErrors: async ({ errors }, use) => {
    await use((pattern) => void errors.expected.push(pattern));
  },

  emptyInboxes: [
    async ({ server }, use) => {
      for (const email of DEMO_PEOPLE) {
        const answer = await (await server.signIn(email)).post('/notifications/clear');
        expect(answer.ok).toBe(true);
      }
      await use(undefined);
      // A test that failed half-way through a restart must not take the next one with it.
      if (!server.isRunning()) await server.start();
    },
    { auto: true },
  ],

  openBrowser: async ({ browser, server, errors }, use) => {
    const opened: BrowserContext[] = [];
    await use(async (options) => {
      const context = await openContext(browser, server, options);
      opened.push(context);
      context.on('weberror', (error) => errors.seen.push(`uncaught: ${error.error().message}`));
      context.on('console', (message) => {
        if (message.type() === 'error') errors.seen.push(`${message.text()} (${message.location().url})`);
      });
      return context;
    });
    for (const context of opened) await context.close();
  },

  signIn: async ({ openBrowser, server }, use) => {
    await use(async (email, { path = '/', password, ...options } = {}) => {
      const http = await server.signIn(email, password);
      const context = await openBrowser(options);
      await context.addCookies(
        http.cookie.split('; ').map((pair) => {
          const at = pair.indexOf('=');
          return { name: pair.slice(0, at), value: pair.slice(at + 1), url: options.baseURL ?? server.url };
        }),
      );
      const openTab = async (to = '/') => {
        const page = await context.newPage();
        await page.goto(to);
        await isReady(page);
        return page;
      };
      const page = await openTab(path);
      await expect(connection(page)).toHaveText(/^(Live|即時)$/);
      return { email, context, page, http, openTab };
    });
  },

  admin: async ({ server }, use) => {
    const http = await server.signIn(ADMIN);
    const send = async (body: object) => {
      const answer = await http.post('/notifications/send', body);
      expect(answer.status, await answer.clone().text()).toBe(201);
      return ((await answer.json()) as { id: number }).id;
    };
    await use({
      sendNotice: (notice) => send({ message: 'For everybody.', ...notice, audience: 'all' }),
      sendTo: (email, notice) =>
        send({ message: 'For you.', ...notice, targetUserId: userId(server, email) }),
      async comment(email, authors) {
        const to = { user: String(userId(server, email)) };
        const post = randomUUID();
        for (const author of authors) {
          await send({ type: 'PostCommented', payload: { post, author, comment: 'monday' }, to });
        }
      },
      ask: (emails, payload) => {
        const users = emails.map((email) => String(userId(server, email)));
        return send({ type: 'Question', payload, to: { users } });
      },
    });
  },

  runScript: async ({ server }, use) => {
    await use((script, args, input = '') => {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const child = execFile(
        process.execPath,
        [`scripts/${script}.ts`, ...args],
        { cwd: ROOT, env: { ...process.env, NODE_OPTIONS: '', DATABASE_URL: `file:${server.databaseFile}` } },
        (error, stdout, stderr) =>
          error ? reject(new Error(`${error.message}\n${stderr}`)) : resolve(stdout),
      );
      child.stdin?.end(input);
      return promise;
    });
  },

  makeAccount: async ({ runScript }, use) => {
    await use(async (name = 'Cora Newman') => {
      const account = { email: `${randomUUID()}@belfry.test`, password: `secret-${randomUUID()}` };
      await runScript('create-admin', ['--email', account.email, '--name', name], account.password);
      return account;
    });
  },

  openStreams: async ({ server }, use) => {
    await use(async () => {
      const answer = await fetch(`${server.url}/api/health`);
      return ((await answer.json()) as { streams: number }).streams;
    });
  },
});

/** How notifications reach this page at the moment: "Live", "Offline" and so on; of those in Chinese, the first two. */
export function connection(page: Page): Locator {
  return page
    .getByRole('banner')
    .getByText(/^(Live|Connecting|Checking every 20 s|Offline|Signed out|即時|連線中)$/);
}

/** Waits until the page listens to clicks: until then it says "Connecting", as the server wrote it. */
export async function isReady(page: Page): Promise<void> {
  await expect(connection(page)).not.toHaveText(/^(Connecting|連線中)$/, { timeout: 10_000 });
}

/** The server as it is called in a local network, over plain http: see playwright.config.ts. */
export function inLocalNetwork({ url }: Pick<TestServer, 'url'>): string {
  return url.replace('127.0.0.1', 'belfry.lan');
}

/** The bell of a page, by its accessible name. */
export function bell(page: Page) {
  const button = page.getByRole('button', { name: /^Notifications/ });
  const panel = page.getByRole('dialog', { name: 'Notifications' });
  const item = (title: string) =>
    panel.getByRole('article').filter({ has: page.getByRole('heading', { name: title, exact: true }) });
  return {
    button,
    panel,
    item,
    items: panel.getByRole('article'),
    async open() {
      await button.click();
      await expect(panel).toBeVisible();
    },
    async close() {
      await page.keyboard.press('Escape');
      await expect(panel).toBeHidden();
      // On its way back over the entry that a sheet held, the browser would break off whatever is asked for next.
      await expect.poll(() => page.evaluate(() => history.state?.belfryInFront)).toBeUndefined();
    },
    dismiss: (title: string) => item(title).getByRole('button', { name: 'Dismiss' }).click(),
    /** Until it stays there: what comes into view is measured, and may move the end. */
    scrollTo: (place: 'start' | 'middle' | 'end') =>
      expect
        .poll(() =>
          panel.getByRole('list').evaluate((list, part) => {
            const box = list.parentElement as HTMLElement;
            const top = Math.floor((box.scrollHeight - box.clientHeight) * part);
            const isThere = Math.abs(box.scrollTop - top) < 2;
            box.scrollTop = top;
            return isThere;
          }, { start: 0, middle: 0.5, end: 1 }[place]),
        )
        .toBe(true),
    clearAll: () => panel.getByRole('button', { name: 'Clear all' }).click(),
    /** The bell says this number, within the time that the product promises or a longer one. */
    showsUnread: (count: number, within: { timeout?: number } = {}) =>
      expect(button).toHaveAccessibleName(`Notifications, ${count} unread`, within),
  };
}

/** The toasts of a page, which can be closed; those with a title, when one is given. What is only read out is none. */
export function toasts(page: Page, title?: string): Locator {
  const region = page.getByRole('region', { name: /^Toasts/ });
  const all = region.getByRole('listitem').filter({ has: page.locator('[data-close]') });
  return title === undefined ? all : all.filter({ hasText: title });
}

/** Sends what stands in the admin's form, and says that it is meant. */
export async function sendToEveryone(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Send to everyone' }).click();
  await confirmation(page).getByRole('button', { name: 'Send' }).click();
}

/** The question that comes before something goes to everyone. */
export function confirmation(page: Page): Locator {
  return page.getByRole('dialog', { name: 'Send this to everyone?' });
}

/** A title that no other test uses. */
export function uniqueTitle(about: string): string {
  return `${about} ${randomUUID().slice(0, 8)}`;
}

/** Stores an event again, with a title of its own each, until there are so many: to send them takes longer than a test. */
export function repeat(databaseFile: string, id: number, count: number): void {
  const database = new Database(databaseFile);
  const insert = database.prepare(`
    INSERT INTO belfry_event (event_type, target_userid, priority, payload, created_at)
    SELECT event_type, target_userid, priority, json_set(payload, '$.title', ?), created_at
    FROM belfry_event WHERE id = ?`);
  database.transaction(() => {
    for (let n = 2; n <= count; n += 1) insert.run(`Number ${n}`, id);
  })();
  database.close();
}

function userId(server: TestServer, email: string): number {
  const database = new Database(server.databaseFile, { readonly: true });
  try {
    const row = database.prepare('SELECT id FROM user WHERE email = ?').get(email) as
      | { id: number }
      | undefined;
    if (!row) throw new Error(`${email} has no account.`);
    return row.id;
  } finally {
    database.close();
  }
}

async function openContext(browser: Browser, server: TestServer, options: BrowserContextOptions = {}) {
  return browser.newContext({ baseURL: server.url, ...options });
}
