/** What create-next-app makes today, with Cache Components: Better Auth and Drizzle on SQLite, whose migrations the app keeps. */
import type { AppUnderTest } from './journey.ts';
import { recipe } from './recipe.ts';

export const betterAuth: AppUnderTest = {
  name: 'better-auth',
  env: { BETTER_AUTH_SECRET: 'a secret of the shop, long enough' },
  ...recipe('better-auth'),
  prepare: async (app) => {
    await app.run('npm', ['run', 'db:migrate']);
  },
  async signIn(page, person) {
    await page.getByRole('link', { name: 'Sign in' }).click();
    await page.getByLabel('Name').fill(person);
    await page.getByLabel('Email').fill(`${person}@example.com`);
    await page.getByLabel('Password').fill('a password of theirs');
    await page.getByRole('button', { name: 'Sign in' }).click();
    const hello = page.getByText(`Hello, ${person}`);
    const unknown = page.getByText('Invalid email or password');
    await hello.or(unknown).waitFor();
    if (await unknown.isVisible()) await page.getByRole('button', { name: 'Sign up' }).click();
    await hello.waitFor();
  },
  async signOut(page) {
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('Nobody is signed in').waitFor();
  },
  order: (page) => page.getByRole('button', { name: 'Order', exact: true }).click(),
  orderInVain: (page) => page.getByRole('button', { name: 'Order what is sold out' }).click(),
};
