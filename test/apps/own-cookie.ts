/** A cookie of one's own, JavaScript alone, no Tailwind, a base path, a table `event` that is the app's. */
import type { AppUnderTest } from './journey.ts';

const READ_COOKIE = "/(?:^|; )shop=([^;]*)/.exec(request.headers.get('cookie') ?? '')?.[1]";

export const ownCookie: AppUnderTest = {
  name: 'own-cookie',
  basePath: '/shop',
  edits: [
    {
      file: 'lib/belfry.js',
      replace: `      // Belfry: say here who is signed in, out of request.headers: { id, session?, expiresAt? }. Until then nobody is.
      return null;`,
      by: `      const session = open(${READ_COOKIE});
      return session && { id: session.person, session: session.id };`,
    },
    {
      file: 'lib/belfry.js',
      replace: "import Database from 'better-sqlite3';",
      by: "import { db } from '@/lib/db';\nimport { open } from '@/lib/session';",
    },
    {
      file: 'lib/belfry.js',
      replace: `  // A file of Belfry's own, opened when it is first needed. WAL, so that readers and the writer do not wait for each
  // other; FULL, so that what was sent survives a power cut.
  database() {
    const connection = new Database('belfry.db', { timeout: 250 });
    connection.pragma('journal_mode = WAL');
    connection.pragma('synchronous = FULL');
    return sqliteDatabase(connection);
  },
`,
      by: '  database: sqliteDatabase(db),\n',
    },
    {
      file: 'app/layout.jsx',
      replace: "import { currentPerson } from '@/lib/session';",
      by: `import { currentUserKey } from 'belfry/next';
import { NotificationBell } from '@/components/notifications/bell';
import { Notifications } from '@/components/notifications/notifications';
import { belfry } from '@/lib/belfry';
import { currentPerson } from '@/lib/session';`,
    },
    {
      file: 'app/layout.jsx',
      replace: '        <header>\n',
      by: '        <Notifications userKey={currentUserKey(belfry)}>\n        <header>\n          <NotificationBell />\n',
    },
    {
      file: 'app/layout.jsx',
      replace: '        {children}\n',
      by: '        {children}\n        </Notifications>\n',
    },
    {
      file: 'next.config.mjs',
      replace: '/** @type',
      by: "import { withBelfry } from 'belfry/next';\n\n/** @type",
    },
    {
      file: 'next.config.mjs',
      replace: 'export default nextConfig;',
      by: 'export default withBelfry(nextConfig);',
    },
  ],
  usage: [
    {
      file: 'app/actions.js',
      replace: "import { db } from '@/lib/db';",
      by: "import { sendUserNotification } from '@/lib/belfry';\nimport { db } from '@/lib/db';",
    },
    {
      file: 'app/actions.js',
      replace: "    db.prepare(insert).run('tea', person);\n",
      by: `    db.prepare(insert).run('tea', person);
    sendUserNotification({ targetUserId: 'ada', title: 'Tea ordered', message: \`By \${person}\` }, { tx: db });
`,
    },
    {
      file: 'app/actions.js',
      replace: "    db.prepare(insert).run('gold', person);\n",
      by: `    db.prepare(insert).run('gold', person);
    sendUserNotification({ targetUserId: 'ada', title: 'Gold ordered', message: \`By \${person}\` }, { tx: db });
`,
    },
    {
      file: 'app/sign-out/route.js',
      replace: 'export async function POST() {\n',
      by: `import { cookies } from 'next/headers';
import { belfry } from '@/lib/belfry';
import { open } from '@/lib/session';

export async function POST() {
  const session = open((await cookies()).get('shop')?.value);
  if (session) await belfry.disconnect({ userId: session.person, sessions: [session.id] });
`,
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
