/** Every page in another language than English, and how somebody chooses one. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { ADA, ADMIN, expect, isReady, test, uniqueTitle } from './fixtures.ts';

const CHINESE = { locale: 'zh-TW', timezoneId: 'Asia/Taipei' };

/** Names, as they are in every language. */
const NAMES =
  /Belfry|Next\.js|Plain Bob Minor|BELFRY_DEMO|https:\/\/|\/changes|Alt\+T|Quinn Bellamy|Ada Byron|Ben Carver|(Headless)?Chrom(e|ium)( Headless)?|Linux|\bnode\b|\S+@belfry\.test/g;

/** What stands on the page, or is read out from it, in Latin letters. What people wrote is left out, and code. */
async function englishOn(page: Page): Promise<string[]> {
  const texts = await page.evaluate(() => {
    const NO_WORDS = 'script, noscript, style, code, pre, bdi, [dir="auto"], [lang="en"], nextjs-portal';
    const found = [document.title];
    for (const element of document.body.querySelectorAll('*')) {
      if (element.closest(NO_WORDS)) continue;
      for (const name of ['aria-label', 'title', 'placeholder', 'alt'])
        found.push(element.getAttribute(name) ?? '');
      for (const node of element.childNodes)
        if (node.nodeType === Node.TEXT_NODE) found.push(node.textContent ?? '');
    }
    return found;
  });
  return texts.map((text) => text.replace(NAMES, '')).filter((text) => /[A-Za-z]{2,}/.test(text));
}

async function isChinese(page: Page): Promise<void> {
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-TW');
  expect(await englishOn(page)).toEqual([]);
}

async function isAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
}

/** No line is wider than the screen, and nothing that can be pressed breaks into single characters. */
async function fits(page: Page): Promise<void> {
  const broken = await page.evaluate(() => {
    const isTall = (element: Element) => {
      const { width, height } = element.getBoundingClientRect();
      return width > 0 && width < 32 && height > 60;
    };
    const tall = [...document.querySelectorAll('button, a, label, th, dt')].filter(isTall);
    const wide = document.documentElement.scrollWidth > document.documentElement.clientWidth;
    return [...tall.map(({ textContent }) => textContent), ...(wide ? ['the page'] : [])];
  });
  expect(broken).toEqual([]);
}

test('whoever reads Chinese finds the pages in it', async ({ openBrowser, signIn, admin }) => {
  const visitor = await (await openBrowser(CHINESE)).newPage();
  await visitor.goto('/');
  await isChinese(visitor);
  await admin.sendTo(ADA, { title: uniqueTitle('For Ada'), priority: 'HIGH', link: '/' });
  const { page } = await signIn(ADA, CHINESE);
  await page.getByRole('button', { name: '通知，1 則未讀' }).click();
  await expect(page.getByRole('dialog', { name: '通知' }).getByRole('article')).toHaveCount(1);
  await expect(page.getByRole('dialog', { name: '通知' }).getByText('剛剛')).toBeVisible();
  await isChinese(page);
});

test('on every page there is no English then', { tag: '@long' }, async ({
  openBrowser,
  signIn,
  admin,
  expectErrors,
}) => {
  test.setTimeout(180_000);
  expectErrors(/404 \(Not Found\)/);
  const narrow = {
    ...CHINESE,
    viewport: { width: 380, height: 800 },
    // What is on its way in has not the contrast yet that it will have.
    reducedMotion: 'reduce' as const,
  };
  const visitor = await (await openBrowser(narrow)).newPage();
  for (const path of [
    '/',
    '/sign-in',
    '/sign-in?error=CredentialsSignin',
    '/sign-in?error=other',
    '/nothing-here',
  ]) {
    await visitor.goto(path);
    await isChinese(visitor);
    await isAccessible(visitor);
    await fits(visitor);
  }
  const { page, http } = await signIn(ADMIN, narrow);
  const look = async () => {
    await isChinese(page);
    await isAccessible(page);
    await fits(page);
  };
  const goTo = async (path: string) => {
    await page.goto(path);
    await isReady(page);
  };
  for (const priority of ['LOW', 'NORMAL', 'HIGH', 'CRITICAL'] as const)
    await admin.sendNotice({ title: uniqueTitle('Notice'), priority, link: '/', expiresIn: 3_600 });
  await expect(toastsOf(page).first()).toBeVisible();
  await look();
  await page.getByRole('button', { name: /^通知，/ }).click();
  await expect(page.getByRole('dialog', { name: '通知' })).toBeVisible();
  await look();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: /的帳號$/ }).click();
  await look();

  await goTo('/inbox');
  await expect(page.getByRole('article').first()).toBeVisible();
  await look();
  for (const view of ['未讀', '已處理', '已延後']) {
    await page.getByRole('button', { name: view, exact: true }).click();
    await expect(page.getByRole('heading', { name: view, exact: true })).toBeAttached();
    await look();
  }
  await http.post('/notifications/clear');
  await page.getByRole('button', { name: '收件匣', exact: true }).click();
  await expect(page.getByText('沒有通知等著你').first()).toBeVisible();
  await look();

  await goTo('/settings/account');
  await look();
  await page.getByRole('button', { name: /^登出其他所有裝置/ }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await look();

  await goTo('/admin');
  await look();
  await page.getByLabel('標題').fill('公告');
  await page.getByLabel('內容').fill('字'.repeat(9_000));
  await page.getByRole('button', { name: '傳送給所有人' }).click();
  await expect(page.getByRole('dialog', { name: '要傳送給所有人嗎？' })).toBeVisible();
  await look();

  await goTo('/nothing-here');
  await expect(page).toHaveTitle('找不到頁面 · Belfry');
  await look();
});

function toastsOf(page: Page) {
  return page.getByRole('region', { name: /^即時通知/ }).getByRole('listitem');
}

test('a visitor chooses a language without scripts, and keeps it', { tag: '@long' }, async ({
  openBrowser,
}) => {
  const context = await openBrowser({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto('/sign-in');
  await page.getByRole('combobox', { name: 'Language' }).selectOption('繁體中文');
  await page.getByRole('button', { name: 'Use it' }).press('Enter');
  await expect(page).toHaveURL(/\/sign-in$/);
  await isChinese(page);
  await page.goto('/');
  await isChinese(page);
});

test('the language of an account is that of its pages wherever it signs in', async ({
  signIn,
  makeAccount,
}) => {
  const account = await makeAccount();
  const { page } = await signIn(account.email, { password: account.password, path: '/settings/account' });
  await page.getByRole('combobox', { name: 'Language' }).selectOption('繁體中文');
  await page.getByRole('button', { name: 'Use it' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('你的帳號');
  await expect(page).toHaveURL(/\/settings\/account$/);

  const elsewhere = await signIn(account.email, { password: account.password, locale: 'en-GB' });
  await expect(elsewhere.page.locator('html')).toHaveAttribute('lang', 'zh-TW');
});

test('a page in English has none of the Chinese, and dates as its reader writes them', async ({
  signIn,
  admin,
}) => {
  await admin.sendTo(ADA, { title: uniqueTitle('For Ada') });
  const { page } = await signIn(ADA, { locale: 'en-US', timezoneId: 'America/New_York' });
  await expect(page.locator('html')).toHaveAttribute('lang', 'en-US');
  expect(await page.content()).not.toMatch(/標示為已讀/);
  // The words of the page come with the page, and the code has none.
  const scripts = page.locator('script[src]');
  for (const script of await scripts.evaluateAll((all) => all.map((one) => (one as HTMLScriptElement).src)))
    expect(await (await fetch(script)).text()).not.toMatch(/標示為已讀|Mark as read|Sign in again/);
  await page.getByRole('button', { name: 'Notifications, 1 unread' }).click();
  const time = page.getByRole('dialog').locator('time');
  const at = new Date((await time.getAttribute('datetime')) ?? '');
  const words = at.toLocaleString('en-US', {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: 'America/New_York',
  });
  await expect(time).toHaveAttribute('title', words);
});

test('a heading in Chinese breaks between words', async ({ openBrowser }) => {
  const context = await openBrowser({ locale: 'zh-TW', viewport: { width: 380, height: 800 } });
  const page = await context.newPage();
  await page.goto('/');
  const lines = await page.getByRole('heading', { level: 1 }).evaluate((heading) => {
    const text = heading.firstChild as Text;
    const range = document.createRange();
    const byTop = Map.groupBy([...text.data].entries(), ([at]) => {
      range.setStart(text, at);
      range.setEnd(text, at + 1);
      return range.getBoundingClientRect().top;
    });
    return [...byTop.values()].map((line) => line.map(([, letter]) => letter).join(''));
  });
  expect(lines.map((line) => line.replace('\u200b', ''))).toEqual(['每則通知', '只響一次。']);
});
