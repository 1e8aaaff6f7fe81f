/** What every foreign app has to stand: from the packed file to two people who use it, and on to the next version. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright';
import { waitForNotification } from '../../lib/belfry/testing/wait-for-notification.ts';
import { type Edit, ForeignApp, type Serving } from './foreign-app.ts';

const TOAST_LIMIT_MS = 5_000;
// What the product promises for every other tab.
const EVERYWHERE_MS = 2_000;
const STOP_LIMIT_MS = 5_000;
// Long enough that it would have come.
const NOTHING_COMES_MS = 1_500;

export interface AppUnderTest {
  /** Of the folder that it is in. */
  name: string;
  basePath?: string;
  env?: Record<string, string>;
  /** Starts what it runs beside, such as a database server. */
  services?: () => Promise<Services>;
  /** What its developer runs before a build, where migrations are kept with the app. Default: the start applies them. */
  prepare?: (app: ForeignApp) => Promise<void>;
  /** What its developer adds, as `npx belfry init` says. */
  edits: readonly Edit[];
  /** What its developer writes to use it. */
  usage: readonly Edit[];
  /** In what other ways it is served and used, each on a database of its own. */
  servings?: readonly {
    serving: Serving;
    env: Record<string, string>;
    edits?: readonly Edit[];
    /** Whether streams have the connection itself. */
    handsOver?: boolean;
  }[];
  signIn: (page: Page, person: 'ada' | 'ben') => Promise<void>;
  signOut: (page: Page) => Promise<void>;
  /** Ada is told of it. */
  order: (page: Page) => Promise<void>;
  /** The same, in a transaction that is rolled back. */
  orderInVain: (page: Page) => Promise<void>;
}

/** What runs beside an app: how the app finds it, and how it ends. */
export interface Services {
  env: Record<string, string>;
  remove: () => Promise<void>;
}

/** What was seen, in words. */
export interface Report {
  /** Lines of files of the app's own that changed to have the bell in it. */
  lines: number;
  /** Lines that were filled in in the files that `init` wrote. */
  filledIn: number;
  seconds: Record<string, number>;
}

/**
 * Takes an app through everything. Rejects with what did not hold.
 *
 * @param isShort Leaves out the other ways to serve it.
 */
export async function travel(app: AppUnderTest, tarball: string, isShort: boolean): Promise<Report> {
  const { name, basePath } = app;
  const services = await app.services?.();
  const foreign = new ForeignApp({
    template: name,
    tarball,
    ...(basePath === undefined ? {} : { basePath }),
    env: { ...app.env, ...services?.env },
  });
  const seconds: Record<string, number> = {};
  const timed = async <T>(step: string, work: () => Promise<T>): Promise<T> => {
    const since = performance.now();
    const result = await work();
    seconds[step] = Math.round((performance.now() - since) / 100) / 10;
    return result;
  };
  const browser = await chromium.launch(executable());
  try {
    await timed('install', () => foreign.install());
    const said = await timed('init', () => foreign.belfry('init'));
    assert.doesNotMatch(await foreign.belfry('init'), /\(written\)/, 'A second init writes nothing.');
    assert.ok(said.includes('Now add these lines yourself'), said);
    for (const edit of app.edits) foreign.edit(edit);
    for (const edit of app.usage) foreign.edit(edit);
    if (app.prepare) await timed('prepare', async () => app.prepare?.(foreign));
    await timed('build', () => foreign.build());
    await timed('first page', () => foreign.start());
    await timed('use', () => use(app, foreign, browser));
    await foreign.belfry('doctor');
    await timed('upgrade', () => upgrade(app, foreign, browser, tarball));
    if (!isShort)
      for (const one of app.servings ?? []) await timed(one.serving, () => serve(app, one, foreign, browser));
    return { lines: changedLines(app.edits, false), filledIn: changedLines(app.edits, true), seconds };
  } catch (error) {
    throw new Error(`${name} does not hold. Its server said:\n${foreign.output.slice(-4_000)}`, {
      cause: error,
    });
  } finally {
    await browser.close();
    await foreign.remove();
    await services?.remove();
  }
}

async function use(app: AppUnderTest, foreign: ForeignApp, browser: Browser): Promise<void> {
  const [ada, ben] = [await browser.newContext(), await browser.newContext()];
  const errors: string[] = [];
  const open = async (context: typeof ada) => {
    const page = await context.newPage();
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(foreign.url);
    return page;
  };
  const first = await open(ada);
  await app.signIn(first, 'ada');
  const second = await open(ada);
  const bens = await open(ben);
  await app.signIn(bens, 'ben');
  for (const page of [first, second]) await showsUnread(page, 0);
  const look = await bell(first).evaluate((button) => getComputedStyle(button).display);
  assert.equal(
    look,
    'grid',
    "The bell has its looks, whatever the app's configuration does with style sheets.",
  );

  await app.order(bens);
  await waitForNotification(second, 'Tea ordered', { timeout: TOAST_LIMIT_MS });
  for (const page of [first, second]) await showsUnread(page, 1);

  await bell(first).click();
  await first
    .getByRole('article')
    .filter({ hasText: 'Tea ordered' })
    .getByRole('button', { name: 'Dismiss' })
    .click();
  await showsUnread(second, 0, EVERYWHERE_MS);

  await app.orderInVain(bens);
  await bens.waitForTimeout(NOTHING_COMES_MS);
  await showsUnread(second, 0);
  await app.order(bens);
  await showsUnread(second, 1);
  assert.equal(await second.getByText('Gold ordered').count(), 0, 'What was rolled back has arrived.');

  await first.keyboard.press('Escape');
  await app.signOut(first);
  await bell(second).click();
  await second.getByText('Your session has ended.').waitFor({ timeout: EVERYWHERE_MS });
  // A page that goes while a stream is open is no error of anybody's; a 401 afterwards is what was asked for.
  const unexpected = errors.filter((text) => !/status of 401/.test(text));
  assert.deepEqual(unexpected, [], 'Pages reported errors.');
  await Promise.all([ada.close(), ben.close()]);
}

async function upgrade(
  app: AppUnderTest,
  foreign: ForeignApp,
  browser: Browser,
  tarball: string,
): Promise<void> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(foreign.url);
  await app.signIn(page, 'ada');
  await showsUnread(page, 1);
  const stoppedMs = await foreign.stop();
  assert.ok(stoppedMs < STOP_LIMIT_MS, `With a stream open it took ${stoppedMs} ms to stop.`);

  const next = nextVersion(tarball);
  try {
    await foreign.install(next.tarball);
    await assert.rejects(foreign.belfry('doctor'), /9999_next/, 'The doctor knows of the new migration.');
    assert.match(await foreign.belfry('migrate', '--dry-run'), /9999_next/);
    if (app.prepare) await foreign.belfry('generate');
    await (app.prepare?.(foreign) ?? foreign.belfry('migrate'));
    await foreign.build();
    await foreign.start();
    await page.goto(foreign.url);
    await showsUnread(page, 1);
    // The parts are of the version before, which the doctor says; what their developer has written stays.
    await assert.rejects(foreign.belfry('doctor'), /init --force/);
    const root = foreign.read('lib/belfry');
    await foreign.belfry('init', '--force');
    assert.equal(foreign.read('lib/belfry'), root, 'The composition root was replaced.');
    await foreign.belfry('doctor');
  } finally {
    next.remove();
    await context.close();
  }
}

/** Served in another way, it is used as before. */
async function serve(
  app: AppUnderTest,
  { serving, env, edits = [], handsOver = false }: NonNullable<AppUnderTest['servings']>[number],
  foreign: ForeignApp,
  browser: Browser,
): Promise<void> {
  await foreign.stop();
  for (const edit of edits) foreign.edit(edit);
  if (serving !== 'next dev') await foreign.build();
  await foreign.start(serving, env);
  // In development they are compiled when they are first asked for.
  for (const path of ['/sse/SystemNotification', '/notifications/poll', '/notifications/dismiss'])
    await fetch(foreign.url + path);
  await use(app, foreign, browser);
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(foreign.url);
  await app.signIn(page, 'ada');
  const cookies = await context.cookies();
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  const url = `${foreign.url}/sse/SystemNotification`;
  const [answer] = await once(get(url, { headers: { cookie } }), 'response');
  answer.destroy();
  assert.equal(answer.statusCode, 200);
  // The plain path ends the connection with the stream.
  assert.equal(answer.headers.connection !== 'close', handsOver, `${serving}: ${answer.headers.connection}`);
  await context.close();
}

const bell = (page: Page) => page.getByRole('button', { name: /^Notifications/ });

async function showsUnread(page: Page, count: number, timeout = TOAST_LIMIT_MS): Promise<void> {
  await page.getByRole('button', { name: `Notifications, ${count} unread` }).waitFor({ timeout });
}

/** A packed file like this one, of a later version with one more migration. */
function nextVersion(tarball: string): { tarball: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'belfry-next-'));
  execFileSync('tar', ['-xzf', tarball, '-C', folder]);
  const root = join(folder, 'package');
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  manifest.version = '99.0.0';
  writeFileSync(join(root, 'package.json'), JSON.stringify(manifest));
  const file = join(root, 'dist/package/migrations/migrations.js');
  const sql = 'CREATE TABLE "belfry_next" ("id" INTEGER);';
  const text = readFileSync(file, 'utf8');
  const changed = text.replace(
    /(const migrations = \[[^\]]*)\]/,
    `$1, { name: '9999_next', sqlite: '${sql}', postgresql: '${sql}' }]`,
  );
  assert.notEqual(changed, text, 'The list of migrations is not where it was.');
  writeFileSync(file, changed);
  execFileSync('npm', ['pack', '--silent'], { cwd: root });
  return {
    tarball: join(root, 'belfry-99.0.0.tgz'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Lines that are there afterwards and were not before, in files of the app's own or in those that `init` wrote. */
function changedLines(edits: readonly Edit[], inWritten: boolean): number {
  return edits
    .filter(({ file }) => /^(src\/)?lib\/belfry\./.test(file) === inWritten)
    .reduce((sum, { replace, by }) => {
      const before = new Set(replace.split('\n'));
      return sum + by.split('\n').filter((line) => line.trim() !== '' && !before.has(line)).length;
    }, 0);
}

function executable() {
  const { CHROMIUM_PATH } = process.env;
  return CHROMIUM_PATH ? { executablePath: CHROMIUM_PATH } : {};
}
