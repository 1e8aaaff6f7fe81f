/** Auth.js 5 with sessions in the database, Prisma on PostgreSQL, UUIDs for ids, migrations that the app keeps. */
import { startPostgresql } from '../support/postgresql.ts';
import type { AppUnderTest } from './journey.ts';
import { migrateDeploy, NO_DOWNLOAD, postgresqlAt } from './prisma.ts';
import { recipe } from './recipe.ts';

export const authJs5: AppUnderTest = {
  name: 'auth-js-5',
  env: { AUTH_SECRET: 'a secret of the shop', AUTH_TRUST_HOST: 'true', ...NO_DOWNLOAD },
  async services() {
    const { url, remove } = await startPostgresql();
    return { env: { DATABASE_URL: url }, remove };
  },
  async prepare(app) {
    await app.run('npx', ['prisma', 'generate']);
    await migrateDeploy(app.folder, postgresqlAt(app.env.DATABASE_URL ?? ''));
  },
  ...recipe('auth-js-5'),
  async signIn(page, person) {
    await page.getByRole('button', { name: `Sign in as ${person}` }).click();
    const mail = page.getByRole('paragraph').filter({ hasText: `To ${person}` });
    await mail.getByRole('link', { name: 'sign in' }).click();
    await page.getByText(`Hello, ${person}`).waitFor();
  },
  async signOut(page) {
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('Nobody is signed in').waitFor();
  },
  order: (page) => page.getByRole('button', { name: 'Order', exact: true }).click(),
  orderInVain: (page) => page.getByRole('button', { name: 'Order what is sold out' }).click(),
};
