/** The accounts of a new database on one's own machine. Their password is public. */
import type { Database } from '../db.ts';
import { hashPassword } from './password.ts';

export const DEMO_PASSWORD = 'belfry-demo';

export const DEMO_ACCOUNTS = [
  { email: 'admin@belfry.test', name: 'Quinn Bellamy', role: 'ADMIN' },
  { email: 'ada@belfry.test', name: 'Ada Byron', role: 'USER' },
  { email: 'ben@belfry.test', name: 'Ben Carver', role: 'USER' },
] as const;

/**
 * Makes the three demo accounts; one that exists stays as it is. Only for a new database, and only
 * while `env.seedDemoAccounts`: the caller checks both.
 */
export async function seedDemoAccounts(db: Pick<Database, 'user'>): Promise<void> {
  for (const account of DEMO_ACCOUNTS) {
    const passwordHash = await hashPassword(DEMO_PASSWORD);
    await db.user.upsert({
      where: { email: account.email },
      create: { ...account, passwordHash },
      update: {},
    });
  }
}

/**
 * Whether these are the public credentials of a demo account. A database that grew up on somebody's
 * machine may move to a server, and must not let the world in there.
 */
export function isDemoSignIn({ email, password }: { email: string; password: string }): boolean {
  return password === DEMO_PASSWORD && DEMO_ACCOUNTS.some((account) => account.email === email);
}
