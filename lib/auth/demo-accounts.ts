/**
 * The accounts of a new database on one's own machine. Their password is public, so they open to whoever
 * sits at that machine, and to nobody else: neither behind a proxy, nor when the database has moved to a
 * server. `BELFRY_DEMO` says otherwise.
 */
import type { Database } from '../db.ts';
import { env } from '../env.ts';
import { isLoopbackAddress, isLoopbackHost } from '../loopback.ts';
import { hashPassword } from './password.ts';

export const DEMO_PASSWORD = 'belfry-demo';

const DEMO_ACCOUNTS = [
  { email: 'admin@belfry.test', name: 'Quinn Bellamy', role: 'ADMIN' },
  { email: 'ada@belfry.test', name: 'Ada Byron', role: 'USER' },
  { email: 'ben@belfry.test', name: 'Ben Carver', role: 'USER' },
] as const;

type Users = Pick<Database, 'user'>;
/** Reads a request's header by its name in small letters. */
type ReadHeader = (name: string) => string | null | undefined;

/** Makes the three demo accounts; one that exists stays as it is. Only for a new database: the caller checks. */
export async function seedDemoAccounts(db: Users): Promise<void> {
  for (const account of DEMO_ACCOUNTS) {
    const passwordHash = await hashPassword(DEMO_PASSWORD);
    await db.user.upsert({
      where: { email: account.email },
      create: { ...account, passwordHash },
      update: {},
    });
  }
}

/** Whether a request may use demo accounts: it comes from this machine, and names it. */
export function mayUseDemoAccounts(header: ReadHeader): boolean {
  if (env.demoAccounts !== 'on-this-machine') return env.demoAccounts === 'everywhere';
  // The last entry is the proxy's own word about who asked it; Next puts it in where there is no proxy.
  const asker = header('x-forwarded-for')?.split(',').at(-1)?.trim();
  if (asker && !isLoopbackAddress(asker)) return false;
  // A page elsewhere may have this machine's browser ask for it.
  return ['host', 'x-forwarded-host', 'origin'].every((name) => {
    const value = header(name);
    return (
      !value || isLoopbackHost(URL.parse(value.includes('://') ? value : `http://${value}`)?.hostname ?? '')
    );
  });
}

/** The demo accounts that are there and that such a request may use, for the sign-in page. */
export async function findDemoAccounts(
  db: Users,
  header: ReadHeader,
): Promise<{ email: string; name: string; role: string }[]> {
  if (!mayUseDemoAccounts(header)) return [];
  return db.user.findMany({
    where: { email: { in: DEMO_ACCOUNTS.map(({ email }) => email) }, disabledAt: null },
    select: { email: true, name: true, role: true },
    orderBy: { id: 'asc' },
  });
}

/** Whether these are the public credentials of a demo account. */
export function isDemoSignIn({ email, password }: { email: string; password: string }): boolean {
  return password === DEMO_PASSWORD && DEMO_ACCOUNTS.some((account) => account.email === email);
}
