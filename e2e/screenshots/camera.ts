/** Takes the pictures, and lays them out in one page to look through. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext, Page } from '@playwright/test';
import { openDatabase } from '../../lib/database/db.ts';
import { ADA, type test } from '../fixtures.ts';
import type { Look } from './looks.ts';
import type { Stage, State } from './states.ts';

type Fixtures = Parameters<Parameters<typeof test>[2]>[0];
type Used = Pick<Fixtures, 'admin' | 'expectErrors' | 'openBrowser' | 'server'>;

// For what fades in without motion, and for a picture that is on its way.
const SETTLES_MS = 250;

/** Pictures of the states in one look: `<folder>/<state>--<look>.png`. Resolves to the states that could not be shown. */
export async function photograph(
  { admin, expectErrors, openBrowser, server }: Used,
  states: readonly State[],
  look: Look,
  folder: string,
): Promise<string[]> {
  // What is wrong is part of the picture.
  expectErrors(/./);
  mkdirSync(folder, { recursive: true });
  const { locale, colorScheme, forcedColors, width, height } = look;
  const options = {
    locale,
    colorScheme,
    viewport: { width, height },
    reducedMotion: 'reduce' as const,
    timezoneId: locale === 'zh-TW' ? 'Asia/Taipei' : 'Europe/London',
    ...(forcedColors ? { forcedColors } : {}),
  };
  const contexts = new Map<string, BrowserContext>();
  const contextOf = async (who: string) => {
    const known = contexts.get(who);
    if (known) return known;
    const context = await openBrowser(options);
    if (who !== '') await context.addCookies(cookiesOf((await server.signIn(who)).cookie, server.url));
    contexts.set(who, context);
    return context;
  };
  const failed: string[] = [];
  for (const state of states) {
    const page = await (await contextOf(state.who ?? '')).newPage();
    const away: string[] = [];
    const db = openDatabase(server.databaseUrl);
    const rename = (from: string, to: string) =>
      db.$executeRawUnsafe(`ALTER TABLE "${from}" RENAME TO "${to}"`);
    const stage: Stage = {
      page,
      empty: async () => void (await (await server.signIn(ADA)).post('/notifications/clear')),
      fill: () => fill(admin),
      ring: () => ring(admin),
      takeAway: async (table) => {
        away.push(table);
        await rename(table, `${table}_away`);
      },
    };
    try {
      await page.goto('/api/health');
      await state.before?.(stage);
      await page.goto(state.path, { waitUntil: 'load' });
      await isThere(page, state);
      await state.after?.(stage);
      await page.waitForTimeout(SETTLES_MS);
      await page.screenshot({ path: join(folder, `${state.name}--${look.name}.png`), fullPage: true });
    } catch (error) {
      failed.push(`${state.name}: ${error instanceof Error ? error.message.split('\n')[0] : error}`);
    } finally {
      for (const table of away) await rename(`${table}_away`, table);
      await db.$disconnect();
      await page.context().setOffline(false);
      await page.close();
    }
  }
  return failed;
}

/** Scripts run, and what a page asks for at first has come: where there is a bell, its connection says something. */
async function isThere(page: Page, { name, who }: State): Promise<void> {
  await page.locator('main').waitFor();
  if (!who || /loading|failure|error/.test(name)) return;
  await page.locator('header p.text-verdigris-text').waitFor({ state: 'attached', timeout: 10_000 });
}

function cookiesOf(header: string, url: string) {
  return header.split('; ').map((pair) => {
    const at = pair.indexOf('=');
    return { name: pair.slice(0, at), value: pair.slice(at + 1), url };
  });
}

async function fill(admin: Fixtures['admin']): Promise<void> {
  const DAY_SECONDS = 24 * 60 * 60;
  await admin.sendTo(ADA, {
    title: 'Welcome to Belfry',
    message: 'This is your inbox. Everything that happened is here, until you say that it is done.',
    priority: 'LOW',
  });
  await admin.sendTo(ADA, {
    title: 'Invoice 2026-118 is due on Friday',
    message: '**240.00 EUR** to Bell & Sons. Pay it, or say why not.',
    link: '/admin',
    expiresIn: DAY_SECONDS / 2,
  });
  await admin.ask([ADA], {
    title: 'Deploy 4.2 to production?',
    message: 'All 312 checks passed. It takes about two minutes.',
    options: [
      { name: 'yes', label: 'Deploy' },
      { name: 'no', label: 'Not now' },
    ],
  });
  await admin.sendTo(ADA, {
    title: 'Your report is ready',
    message: 'Nine pages, two charts. Nothing was left out, and every figure was checked twice. '.repeat(4),
    link: '/',
  });
  await admin.sendTo(ADA, { title: 'Two-factor codes are running low', priority: 'HIGH', link: '/' });
  await admin.sendTo(ADA, { title: 'Somebody signed in from a new browser', priority: 'CRITICAL' });
}

async function ring(admin: Fixtures['admin']): Promise<void> {
  for (const priority of ['LOW', 'NORMAL', 'HIGH', 'CRITICAL'] as const)
    await admin.sendTo(ADA, {
      title: `A notification of ${priority.toLowerCase()} priority`,
      message: 'With a message of one or two lines, as most of them have.',
      priority,
    });
}

/** A page with all pictures of a folder: a row for each state, the looks side by side. */
export function writeIndex(folder: string, states: readonly State[]): void {
  const files = readdirSync(folder).filter((file) => file.endsWith('.png'));
  const rows = states.map(({ name }) => {
    const pictures = files
      .filter((file) => file.startsWith(`${name}--`))
      .map((file) => {
        const look = file.slice(name.length + 2, -'.png'.length);
        return `<figure><a href="${file}"><img src="${file}" alt="${name}, ${look}" loading="lazy"></a><figcaption>${look}</figcaption></figure>`;
      });
    return `<h2 id="${name}">${name}</h2><div>${pictures.join('')}</div>`;
  });
  const links = states.map(({ name }) => `<a href="#${name}">${name}</a>`).join(' ');
  writeFileSync(
    join(folder, 'index.html'),
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>Screenshots</title><style>
body { margin: 1rem; font: 14px system-ui; background: #777; color: #fff }
nav a { color: inherit; margin-inline-end: 0.5rem }
div { display: flex; gap: 1rem; overflow-x: auto; align-items: start }
figure { margin: 0; flex: none }
img { display: block; max-height: 36rem; max-width: 40rem; object-fit: contain; object-position: top }
</style><h1>Screenshots</h1><nav>${links}</nav>${rows.join('\n')}</html>\n`,
  );
}
