/** The built app on the database that the test project is about. */
import { emptyDatabase, ON_POSTGRESQL } from './empty-database.ts';
import { startServer, type TestServer } from './server.ts';

/** As `startServer`, and the database goes with it. */
export async function startTestServer({
  env = {},
  ...rest
}: {
  env?: Record<string, string>;
  standalone?: string;
} = {}): Promise<TestServer> {
  const { url, remove } = await emptyDatabase();
  const secret = ON_POSTGRESQL ? { NEXTAUTH_SECRET: 'a secret that only the tests use' } : {};
  return startServer({ ...rest, databaseUrl: url, onRemoved: remove, env: { ...secret, ...env } });
}
