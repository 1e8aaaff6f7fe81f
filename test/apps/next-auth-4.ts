/** NextAuth 4 with credentials and its sessions in the cookie, Prisma on SQLite, migrations that the app keeps. */
import { join } from 'node:path';
import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3';
import type { AppUnderTest } from './journey.ts';
import { migrateDeploy, NO_DOWNLOAD } from './prisma.ts';
import { recipe } from './recipe.ts';

export const nextAuth4: AppUnderTest = {
  name: 'next-auth-4',
  env: {
    NEXTAUTH_SECRET: 'a secret of the shop',
    AUTH_TRUST_HOST: 'true',
    DATABASE_URL: 'file:./shop.db',
    ...NO_DOWNLOAD,
  },
  async prepare(app) {
    await app.run('npx', ['prisma', 'generate']);
    await migrateDeploy(app.folder, new PrismaBetterSqlite3({ url: `file:${join(app.folder, 'shop.db')}` }));
    // Puts the file into write-ahead mode.
    await app.belfry('migrate');
  },
  ...recipe('next-auth-4'),
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
