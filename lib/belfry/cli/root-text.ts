/** The text of an app's composition root, `lib/belfry.ts`, filled in for what the app is made of. */
import { type App, type AppDatabase, importPath } from './app.ts';
import { mark } from './written-file.ts';

/** Stands in a root for as long as nobody has said who is signed in. */
export const NOT_FILLED_IN = 'say here who is signed in';

/** A stretch of the text, and what it imports. */
interface Piece {
  imports: string[];
  text: string;
}

/** For the file at `path`. The same text is TypeScript and JavaScript. */
export function rootText(app: App, path: string, version: string): string {
  const importFrom = (file: string) => importPath(app, path, file);
  const pieces = {
    database: databasePiece(app, importFrom),
    current: currentPiece(app, importFrom),
    users: usersPiece(app),
    signOut: signOutPiece(app),
  };
  const all = Object.values(pieces);
  const imports = ["import { defineBelfry } from 'belfry/next';", ...all.flatMap((piece) => piece.imports)];
  return `/**
 * What this app's Belfry is made of, and what the app calls to send. ${mark(version)}; yours to change.
 */
${inOrder(imports).join('\n')}

export const belfry = defineBelfry({
${pieces.database.text}
  // Your notifications, each defined in a file beside its feature: see defineNotification.
  types: [],
  users: {
${pieces.current.text}
${pieces.users.text}
  },
${revalidateText(app)}${migratesText(app.database)}
});

export const { notify, ask, withdraw, sendUserNotification, sendGlobalNotification } = belfry;
${pieces.signOut.text}`;
}

/** Packages first, each once. */
function inOrder(imports: string[]): string[] {
  const from = (line: string) => /from '([^']*)'/.exec(line)?.[1] ?? '';
  const isOwn = (line: string) => Number(/^(\.|@\/|~|#)/.test(from(line)));
  return [...new Set(imports)].sort((a, b) => isOwn(a) - isOwn(b) || (from(a) < from(b) ? -1 : 1));
}

function databasePiece({ database }: App, importFrom: (file: string) => string): Piece {
  if (database.kind === 'none') return OWN_SQLITE;
  const { client, kind } = database;
  const name = client?.name ?? (kind === 'prisma' ? 'prisma' : 'db');
  const where = client
    ? `import { ${name} } from '${importFrom(client.file)}';`
    : `// Your ${kind === 'prisma' ? 'Prisma client' : 'Drizzle database'}: mend this path.\nimport { ${name} } from '${importFrom(`lib/${name}.ts`)}';`;
  if (kind === 'drizzle')
    return {
      imports: ["import { drizzleDatabase } from 'belfry/drizzle';", where],
      text: `  database: drizzleDatabase(${name}),`,
    };
  return {
    imports: ["import { prismaDatabase } from 'belfry/prisma';", where],
    text: `  database: prismaDatabase(${name}, { provider: '${database.dialect}' }),`,
  };
}

const OWN_SQLITE: Piece = {
  imports: ["import { sqliteDatabase } from 'belfry/sqlite';", "import Database from 'better-sqlite3';"],
  text: `  // A file of Belfry's own, opened when it is first needed. WAL, so that readers and the writer do not wait for each
  // other; FULL, so that what was sent survives a power cut.
  database() {
    const connection = new Database('belfry.db', { timeout: 250 });
    connection.pragma('journal_mode = WAL');
    connection.pragma('synchronous = FULL');
    return sqliteDatabase(connection);
  },`,
};

const ASKED = `    // Who sends this request; null: nobody is signed in. For open streams it is asked again, outside of Next's requests and
    // with their headers: so it goes by the request alone, and not by headers() or cookies() of Next's.`;

function currentPiece(app: App, importFrom: (file: string) => string): Piece {
  const { accounts } = app;
  switch (accounts.kind) {
    case 'better-auth':
      return {
        imports: [
          accounts.auth
            ? `import { ${accounts.auth.name} } from '${importFrom(accounts.auth.file)}';`
            : `// What betterAuth() made: mend this path.\nimport { auth } from '${importFrom('lib/auth.ts')}';`,
        ],
        text: `${ASKED}
    async current(request) {
      const signedIn = await ${accounts.auth?.name ?? 'auth'}.api.getSession({
        headers: request.headers,
        // So that a sign-out is seen at once, and a look at it lengthens no session.
        query: { disableCookieCache: true, disableRefresh: true },
      });
      if (!signedIn) return null;
      const { user, session } = signedIn;
      return { id: user.id, session: session.id, expiresAt: session.expiresAt };
    },`,
      };
    case 'next-auth 4':
    case 'next-auth 5':
      return app.accounts.sessions === 'database' ? nextAuthRow(app) : nextAuthToken(app);
    case 'clerk':
      return {
        imports: ["import { clerkClient } from '@clerk/nextjs/server';"],
        text: `    // Who sends this request; null: nobody is signed in.
    async current(request) {
      const clerk = await clerkClient();
      const auth = (await clerk.authenticateRequest(request)).toAuth();
      return auth?.userId && auth.sessionId ? { id: auth.userId, session: auth.sessionId } : null;
    },`,
      };
    case 'none':
      return {
        imports: [],
        text: `${ASKED}
    async current(request) {
      // Belfry: ${NOT_FILLED_IN}, out of request.headers: { id, session?, expiresAt? }. Until then nobody is.
      return null;
    },`,
      };
  }
}

// Over https `__Secure-` stands before it.
const NEXT_AUTH_COOKIES = {
  'next-auth 4': 'next-auth.session-token',
  'next-auth 5': 'authjs.session-token',
};

function nextAuthCookie({ accounts }: App): string {
  return NEXT_AUTH_COOKIES[accounts.kind as keyof typeof NEXT_AUTH_COOKIES];
}

/** Each version's `getToken` takes another kind of request. */
function nextAuthToken(app: App): Piece {
  const cookie = nextAuthCookie(app);
  const isFour = app.accounts.kind === 'next-auth 4';
  const asked = isFour
    ? '{ req: new NextRequest(request.url, { headers: request.headers }), secureCookie }'
    : "{ req: request, secret: process.env.AUTH_SECRET ?? process.env.NEXTAUTH_SECRET ?? '', secureCookie }";
  return {
    imports: [
      "import { getToken } from 'next-auth/jwt';",
      ...(isFour ? ["import { NextRequest } from 'next/server';"] : []),
    ],
    text: `${ASKED}
    async current(request) {
      const secureCookie = request.headers.get('cookie')?.includes('__Secure-${cookie}') ?? false;
      const token = await getToken(${asked});
      return token?.sub ? { id: token.sub, expiresAt: new Date(Number(token.exp) * 1000) } : null;
    },`,
  };
}

function nextAuthRow(app: App): Piece {
  const cookie = nextAuthCookie(app);
  const { database } = app;
  if (database.kind !== 'prisma' || !database.hasSessionToken)
    return {
      imports: [],
      text: `${ASKED}
    async current(request) {
      // Belfry: ${NOT_FILLED_IN}: look up the row of the session that the cookie ${cookie} names (over
      // https __Secure-${cookie}), and return { id: userId, session: sessionToken, expiresAt: expires }.
      return null;
    },`,
    };
  return {
    imports: ["import { NextRequest } from 'next/server';"],
    text: `${ASKED}
    async current(request) {
      const { cookies } = new NextRequest(request.url, { headers: request.headers });
      const cookie = cookies.get('__Secure-${cookie}') ?? cookies.get('${cookie}');
      if (!cookie) return null;
      const row = await ${database.client?.name ?? 'prisma'}.session.findUnique({ where: { sessionToken: cookie.value } });
      if (!row || row.expires < new Date()) return null;
      return { id: row.userId, session: row.sessionToken, expiresAt: row.expires };
    },`,
  };
}

/** What ends the streams of a sign-in together with it, for NextAuth to call. */
function signOutPiece(app: App): Piece {
  const { kind, sessions } = app.accounts;
  if (kind !== 'next-auth 4' && kind !== 'next-auth 5') return { imports: [], text: '' };
  const isFour = kind === 'next-auth 4';
  const config = isFour ? 'NextAuthOptions' : 'NextAuthConfig';
  return {
    imports: app.typescript ? [`import type { ${config} } from 'next-auth';`] : [],
    text: `
/** For NextAuth, as \`events: authEvents\`: when somebody signs out, open streams end at once. */
export const authEvents${app.typescript ? `: NonNullable<${config}['events']>` : ''} = {
${(sessions === 'database' ? SIGN_OUT_OF_ROW : SIGN_OUT_OF_TOKEN)[kind]}
};
`,
  };
}

const SIGN_OUT_OF_TOKEN = {
  'next-auth 4': `  async signOut({ token }) {
    if (token?.sub) await belfry.disconnect({ userId: token.sub });
  },`,
  'next-auth 5': `  async signOut(message) {
    if ('token' in message && message.token?.sub) await belfry.disconnect({ userId: message.token.sub });
  },`,
};

const SIGN_OUT_OF_ROW = {
  'next-auth 4': `  async signOut({ session }) {
    if (!session || !('userId' in session && 'sessionToken' in session)) return;
    await belfry.disconnect({ userId: String(session.userId), sessions: [String(session.sessionToken)] });
  },`,
  'next-auth 5': `  async signOut(message) {
    if (!('session' in message && message.session)) return;
    const { userId, sessionToken } = message.session;
    await belfry.disconnect({ userId, sessions: [sessionToken] });
  },`,
};

/** A token of Clerk's is good for a minute, and a stream lasts longer. */
function revalidateText({ accounts }: App): string {
  if (accounts.kind !== 'clerk') return '';
  return `  // A token of Clerk's is good for a minute, and a stream lasts longer: so it is the session that is asked about.
  async revalidate(open) {
    const { sessions } = await clerkClient();
    const active = await Promise.all(
      open.map(async ({ key }) => {
        const session = await sessions
          .getSession(key)
          .catch(({ status }) => (status === 404 ? { status: 'removed' } : null));
        return session === null || session.status === 'active';
      }),
    );
    return { ended: open.filter((_, index) => !active[index]), changed: [] };
  },
  revalidateEveryMs: 60_000,
`;
}

function usersPiece({ database, accounts }: App): Piece {
  if (accounts.kind === 'better-auth')
    return { imports: [], text: betterAuthUsers(accounts.auth?.name ?? 'auth') };
  if (database.kind === 'prisma' && database.userId !== null)
    return { imports: [], text: prismaUsers(database.client?.name ?? 'prisma', ID_CODE[database.userId]) };
  return {
    imports: [],
    text: `    // Which of these ids are users of the app: find: async (ids) => [...]. Without it every id is taken for one.
    // All of them, in order, at most so many: list: async ({ after, limit }) => [...].`,
  };
}

const FIND = '    // Which of these ids are users of the app.';
const LIST = '    // All of them, by id: at most `limit`, and those after one where it is named.';

function betterAuthUsers(auth: string): string {
  return `${FIND}
    async find(ids) {
      const { internalAdapter } = await ${auth}.$context;
      const known = await internalAdapter.listUsers(ids.length, 0, undefined, [
        { field: 'id', operator: 'in', value: [...ids] },
      ]);
      return known.map(({ id }) => id);
    },
${LIST}
    async list({ after, limit }) {
      const { internalAdapter } = await ${auth}.$context;
      const some = await internalAdapter.listUsers(
        limit,
        0,
        { field: 'id', direction: 'asc' },
        after === null ? undefined : [{ field: 'id', operator: 'gt', value: after }],
      );
      return some.map(({ id }) => id);
    },`;
}

function prismaUsers(client: string, { among, last, text }: IdCode): string {
  return `${FIND}
    async find(ids) {
      const known = await ${client}.user.findMany({
        where: { id: { in: ${among} } },
        select: { id: true },
      });
      return known.map(({ id }) => ${text});
    },
${LIST}
    async list({ after, limit }) {
      const some = await ${client}.user.findMany({
        ...(after !== null && { where: { id: { gt: ${last} } } }),
        orderBy: { id: 'asc' },
        take: limit,
        select: { id: true },
      });
      return some.map(({ id }) => ${text});
    },`;
}

interface IdCode {
  /** Of `ids`, those that may be ids at all. */
  among: string;
  /** `after`, as the column has it. */
  last: string;
  /** `id`, as text. */
  text: string;
}

const ID_CODE: Record<'String' | 'Uuid' | 'Int', IdCode> = {
  String: { among: '[...ids]', last: 'after', text: 'id' },
  Uuid: {
    among: 'ids.filter((id) => /^[\\da-f]{8}(-[\\da-f]{4}){3}-[\\da-f]{12}$/i.test(id))',
    last: 'after',
    text: 'id',
  },
  Int: {
    // Prisma's Int has 32 bits.
    among: 'ids.map(Number).filter((id) => Number.isInteger(id) && Math.abs(id) < 2 ** 31)',
    last: 'Number(after)',
    text: 'String(id)',
  },
};

/** Either the start makes the tables, or the app's own migrations do: both would make them twice. */
function migratesText(database: AppDatabase): string {
  if (database.kind === 'none' || database.migrations === null)
    return "  // The start makes Belfry's tables, and brings them up to date.\n  migrates: true,";
  return `  // Belfry's tables come with the app's own migrations: \`npx belfry generate\` adds what a new version needs.
  migrates: false,`;
}
