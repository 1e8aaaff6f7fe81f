/**
 * The inbox of somebody with 10,000 notifications: what the server takes for a page of it, and whether the page in the
 * browser stays smooth while it is scrolled through to its end, and while a hundred a second arrive.
 *
 *     npm run bench -- --only inbox
 *
 * The built app, in Chromium. A task of the page over 50 ms is what people feel, and what browsers call long.
 */
import { type Browser, chromium, type Page } from '@playwright/test';
import Database from 'better-sqlite3';
import { chromiumOnPath } from '../scripts/browser.mjs';
import { type SignedIn, startServer } from '../test/support/server.ts';
import { median } from './median.ts';

const NOTIFICATIONS = 10_000;
const READS = 50;
const SCROLLS_PER_SECOND = 20;
const SCROLL_PX = 4_000;
const SCROLL_LIMIT_MS = 240_000;
const ARRIVALS_PER_SECOND = 100;
const ARRIVING_SECONDS = 5;

export interface InboxFigures {
  /** Milliseconds from request to answer, by what was asked for; medians. */
  reads: { asked: string; milliseconds: number }[];
  /** What the page did meanwhile. */
  scrolled: Smoothness;
  arrived: Smoothness;
  /** How many rows were in the document at the end. */
  rows: number;
}

interface Smoothness {
  /** Tasks over 50 ms. */
  longTasks: number;
  /** In milliseconds; 0: none was over 50. */
  longest: number;
}

declare global {
  interface Window {
    longTasks: number[];
  }
}

export async function measureInbox(): Promise<InboxFigures> {
  const server = await startServer({
    env: { SEND_LIMIT_PER_MINUTE: '100000', POLL_LIMIT_PER_MINUTE: '100000' },
  });
  const executablePath = chromiumOnPath();
  const browser = await chromium.launch({
    ...(executablePath ? { executablePath } : {}),
    args: ['--no-sandbox'],
  });
  try {
    const admin = await server.signIn('admin@belfry.test');
    const ada = await server.signIn('ada@belfry.test');
    await admin.post('/notifications/send', { title: 'Number 1', message: 'Read me.', to: 'everyone' });
    fill(server.databaseFile);
    const reads = [];
    for (const [asked, path] of [
      ['the first page', '/notifications/poll'],
      ['the last page', '/notifications/poll?cursor=51'],
      ['what is unread, of a priority', '/notifications/poll?view=unread&priority=NORMAL'],
      ['a search that finds at once', '/notifications/poll?q=number'],
      ['a search that finds nothing in 2,000', '/notifications/poll?q=needle'],
    ] as const) {
      reads.push({ asked, milliseconds: await timeOf(ada, path) });
    }
    const page = await openInbox(browser, server.url, ada);
    const scrolled = await smoothnessOf(page, () => scrollToEnd(page));
    await page.evaluate(() => window.scrollTo(0, 200_000));
    const arrived = await smoothnessOf(page, () => sendMany(admin));
    const rows = await page.locator('.belfry-inbox article').count();
    return { reads, scrolled, arrived, rows };
  } finally {
    await browser.close();
    await server.remove();
  }
}

/** As many as are wanted, out of the one that is there. */
function fill(databaseFile: string): void {
  const database = new Database(databaseFile);
  const insert = database.prepare(`
    INSERT INTO belfry_event (event_type, target_userid, priority, payload, created_at)
    SELECT event_type, target_userid, priority, json_set(payload, '$.title', ?), created_at FROM belfry_event
    ORDER BY id LIMIT 1`);
  database.transaction(() => {
    for (let n = 2; n <= NOTIFICATIONS; n += 1) insert.run(`Number ${n}`);
  })();
  database.close();
}

async function timeOf(ada: SignedIn, path: string): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < READS; n += 1) {
    const before = performance.now();
    const answer = await ada.fetch(path);
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`${path} was answered with ${answer.status}.`);
    times.push(performance.now() - before);
  }
  return median(times);
}

async function openInbox(browser: Browser, url: string, { cookie }: SignedIn): Promise<Page> {
  const context = await browser.newContext({ baseURL: url, viewport: { width: 1280, height: 800 } });
  await context.addCookies(
    cookie.split('; ').map((pair) => {
      const at = pair.indexOf('=');
      return { name: pair.slice(0, at), value: pair.slice(at + 1), url };
    }),
  );
  const page = await context.newPage();
  await page.addInitScript(() => {
    window.longTasks = [];
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) window.longTasks.push(duration);
    }).observe({ type: 'longtask' });
  });
  await page.goto('/inbox');
  await page.locator('.belfry-inbox article').first().waitFor();
  return page;
}

async function smoothnessOf(page: Page, work: () => Promise<void>): Promise<Smoothness> {
  await page.evaluate(() => {
    window.longTasks = [];
  });
  await work();
  const tasks = await page.evaluate(() => window.longTasks);
  return { longTasks: tasks.length, longest: Math.round(Math.max(0, ...tasks)) };
}

/** As fast as somebody who drags the bar: pages come in on the way. */
async function scrollToEnd(page: Page): Promise<void> {
  const deadline = performance.now() + SCROLL_LIMIT_MS;
  const last = page.locator(`.belfry-inbox li[aria-setsize="${NOTIFICATIONS}"]`).first();
  while (!(await last.isVisible())) {
    if (performance.now() > deadline) throw new Error('The end of the list was not reached in time.');
    await page.mouse.wheel(0, SCROLL_PX);
    await page.waitForTimeout(1_000 / SCROLLS_PER_SECOND);
  }
}

async function sendMany(admin: SignedIn): Promise<void> {
  for (let second = 0; second < ARRIVING_SECONDS; second += 1) {
    const began = performance.now();
    for (let n = 0; n < ARRIVALS_PER_SECOND; n += 10) {
      const some = Array.from({ length: 10 }, (_, i) =>
        admin.post('/notifications/send', {
          title: `New ${second}.${n + i}`,
          message: 'Read me.',
          to: 'everyone',
        }),
      );
      await Promise.all(some);
    }
    const left = 1_000 - (performance.now() - began);
    if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
  }
}

/** As tables of Markdown. */
export function inboxTable({ reads, scrolled, arrived, rows }: InboxFigures): string {
  return [
    `| of ${NOTIFICATIONS.toLocaleString('en')} notifications | ms, with the way there and back |`,
    '| --- | --: |',
    ...reads.map(({ asked, milliseconds }) => `| ${asked} | ${milliseconds.toFixed(1)} |`),
    '',
    '| the page, while | tasks over 50 ms | the longest, ms |',
    '| --- | --: | --: |',
    `| it is scrolled to its end | ${scrolled.longTasks} | ${scrolled.longest} |`,
    `| ${ARRIVALS_PER_SECOND} a second arrive | ${arrived.longTasks} | ${arrived.longest} |`,
    '',
    `${rows} rows were in the document in the end.`,
  ].join('\n');
}
