/**
 * The pages as Lighthouse sees them: the built app, on a database with some notifications, in Chromium, several times each; the
 * median counts.
 *
 *     npm run bench -- --only pages --runs 5
 *
 * Performance depends on the machine, and is to be compared within one run. What else it looks at does not.
 */
import { chromium } from '@playwright/test';
import lighthouse, { desktopConfig } from 'lighthouse';
import { chromiumOnPath } from '../scripts/browser.mjs';
import { freePort } from '../test/support/free-port.ts';
import { startServer } from '../test/support/server.ts';
import { median } from './median.ts';

const NOTIFICATIONS = 60;
const ADA = 'ada@belfry.test';
const ADMIN = 'admin@belfry.test';
const PAGES = [
  { name: 'landing', path: '/', as: null },
  { name: 'home', path: '/', as: ADA },
  { name: 'inbox', path: '/inbox', as: ADA },
  { name: 'settings', path: '/settings/notifications', as: ADA },
  { name: 'admin', path: '/admin', as: ADMIN },
] as const;
/** `phone`: with a slow line and a slow processor, as Lighthouse has it by default. */
const DEVICES = ['phone', 'computer'] as const;
const CATEGORIES = ['performance', 'accessibility', 'best-practices'] as const;

type Category = (typeof CATEGORIES)[number];

export interface PageFigures {
  page: string;
  device: (typeof DEVICES)[number];
  /** Medians, 0 to 100. */
  scores: Record<Category, number>;
  /** What of accessibility and good practice is not as it should be, by Lighthouse's names. */
  faults: string[];
}

/** @param runs How often each page is looked at. */
export async function measurePages(runs: number): Promise<PageFigures[]> {
  const server = await startServer();
  const port = await freePort();
  const executablePath = chromiumOnPath();
  const browser = await chromium.launch({
    ...(executablePath ? { executablePath } : {}),
    args: ['--no-sandbox', `--remote-debugging-port=${port}`],
  });
  try {
    const admin = await server.signIn(ADMIN);
    for (let n = 1; n <= NOTIFICATIONS; n += 1) {
      const notification = { title: `Notification ${n}`, message: 'Read me.', to: 'everyone' };
      await admin.post('/notifications/send', notification);
    }
    const figures: PageFigures[] = [];
    for (const { name, path, as } of PAGES) {
      const cookie = as && (await server.signIn(as)).cookie;
      for (const device of DEVICES) {
        const looks: Look[] = [];
        for (let run = 0; run < runs; run += 1) {
          looks.push(await lookAt(`${server.url}${path}`, { cookie, device, port }));
        }
        figures.push({ page: name, device, ...together(looks) });
      }
    }
    return figures;
  } finally {
    await browser.close();
    await server.remove();
  }
}

type Look = Pick<PageFigures, 'scores' | 'faults'>;

async function lookAt(
  url: string,
  { cookie, device, port }: { cookie: string | null; device: PageFigures['device']; port: number },
): Promise<Look> {
  const result = await lighthouse(
    url,
    {
      port,
      output: 'json',
      logLevel: 'error',
      onlyCategories: [...CATEGORIES],
      ...(cookie ? { extraHeaders: { Cookie: cookie } } : {}),
    },
    device === 'computer' ? desktopConfig : undefined,
  );
  const { categories, audits, runtimeError } = result?.lhr ?? {};
  if (!categories || !audits || runtimeError) {
    throw new Error(`Lighthouse could not look at ${url}: ${runtimeError?.message ?? 'no result'}.`);
  }
  const scoreOf = (category: Category) => Math.round((categories[category]?.score ?? 0) * 100);
  const scores = Object.fromEntries(CATEGORIES.map((each) => [each, scoreOf(each)])) as Look['scores'];
  const weighed = CATEGORIES.slice(1).flatMap((each) => categories[each]?.auditRefs ?? []);
  const faults = weighed
    .filter(({ id, weight }) => weight > 0 && (audits[id]?.score ?? 1) < 1)
    .map(({ id }) => id);
  return { scores, faults };
}

function together(looks: readonly Look[]): Look {
  const medianOf = (category: Category) => median(looks.map(({ scores }) => scores[category]));
  return {
    scores: Object.fromEntries(CATEGORIES.map((each) => [each, medianOf(each)])) as Look['scores'],
    faults: [...new Set(looks.flatMap(({ faults }) => faults))],
  };
}

/** As a table of Markdown. */
export function pagesTable(figures: readonly PageFigures[]): string {
  const rows = figures.map(
    ({ page, device, scores, faults }) =>
      `| ${page} | ${device} | ${CATEGORIES.map((each) => scores[each]).join(' | ')} | ${faults.join(', ')} |`,
  );
  return [
    '| page | device | performance | accessibility | best practices | not as it should be |',
    '| --- | --- | --: | --: | --: | --- |',
    ...rows,
  ].join('\n');
}
