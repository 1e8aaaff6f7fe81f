/** A cookie of one's own, JavaScript alone, no Tailwind, a base path, a table `event` that is the app's. */
import type { AppUnderTest } from './journey.ts';
import { recipe } from './recipe.ts';

export const ownCookie: AppUnderTest = {
  name: 'own-cookie',
  basePath: '/shop',
  ...recipe('own-cookie'),
  async signIn(page, person) {
    await page.getByRole('button', { name: `Sign in as ${person}` }).click();
    await page.getByText(`Hello, ${person}`).waitFor();
  },
  async signOut(page) {
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('Nobody is signed in').waitFor();
  },
  order: (page) => page.getByRole('button', { name: 'Order', exact: true }).click(),
  orderInVain: (page) => page.getByRole('button', { name: 'Order what is sold out' }).click(),
};
