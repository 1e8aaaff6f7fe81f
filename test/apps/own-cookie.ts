/** A cookie of one's own, JavaScript alone, no Tailwind, a base path, a table `event` that is the app's. */
import type { AppUnderTest } from './journey.ts';
import { recipe } from './recipe.ts';

export const ownCookie: AppUnderTest = {
  name: 'own-cookie',
  basePath: '/shop',
  ...recipe('own-cookie'),
  servings: [
    { serving: 'next dev', env: { SHOP_DATABASE: 'development.db' } },
    {
      serving: 'standalone',
      env: { SHOP_DATABASE: 'standalone.db' },
      edits: [
        {
          file: 'next.config.mjs',
          replace: "basePath: '/shop'",
          by: "basePath: '/shop', output: 'standalone'",
        },
      ],
    },
    {
      serving: 'custom server',
      env: { SHOP_DATABASE: 'custom.db' },
      edits: [
        { file: 'next.config.mjs', replace: ", output: 'standalone'", by: '' },
        { file: 'lib/belfry.js', replace: '  migrates: true,', by: '  migrates: true,\n  handOver: true,' },
      ],
      handsOver: true,
    },
  ],
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
