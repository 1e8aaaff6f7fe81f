/** Demo accounts on a server that was meant for its own machine, and that strangers reach through a proxy. */
import { readFileSync, statSync } from 'node:fs';
import { type Fault, type Finding, Verdict } from '../faults/fault.ts';
import { DEMO_PASSWORD, signIn, startServer, type TestServer } from '../support/server.ts';

const EMAILS = ['admin@belfry.test', 'ada@belfry.test', 'ben@belfry.test'];
const PAGES = ['/', '/sign-in', '/sign-in?error=CredentialsSignin', '/api/auth/providers', '/api/health'];
const OWNER_ONLY = 0o600;

export const demoAccounts: Fault = {
  name: 'demo-accounts',
  breaks: 'strangers reach a new database through a bare `proxy_pass`, and later on its public address',
  bound:
    'no known password opens a demo account, and nothing tells one; the random password is for its owner alone to read, and on a public server opens nothing',
  runs: 'beside',
  limitSeconds: { short: 60, full: 60 },
  dependsOnStreamPath: false,
  take,
};

async function take(): Promise<Finding> {
  const verdict = new Verdict();
  // What a bare `proxy_pass` sends looks like what this machine sends. An empty variable counts as unset.
  const server = await startServer({ env: { BELFRY_DEMO: '' } });
  try {
    const file = `${server.databaseFile}.demo-password`;
    const mode = statSync(file).mode & 0o777;
    verdict.expect(mode === OWNER_ONLY, `The file with the password has the mode ${mode.toString(8)}.`);
    const password = readFileSync(file, 'utf8').trim();
    for (const page of PAGES) {
      const text = await (await fetch(`${server.url}${page}`)).text();
      const isTold = [password, DEMO_PASSWORD].some((secret) => text.includes(secret));
      verdict.expect(!isTold, `${page} tells a stranger a password.`);
    }
    for (const email of EMAILS)
      verdict.expect(!(await opens(server, email, DEMO_PASSWORD)), `${email} opens with ${DEMO_PASSWORD}.`);
    verdict.expect(await opens(server, 'ada@belfry.test', password), 'Their owner cannot sign in.');
    verdict.expect(!server.log().includes(password), 'The log tells the password.');

    await server.stop();
    const { databaseUrl } = server;
    const behind = { BELFRY_DEMO: '', NEXTAUTH_URL: 'https://belfry.example', TRUSTED_PROXIES: '127.0.0.1' };
    const site = await startServer({ databaseUrl, env: behind });
    for (const tried of [password, DEMO_PASSWORD])
      verdict.expect(!(await opens(site, 'ada@belfry.test', tried)), 'A public server has open ones.');
    await site.remove();
    return verdict.finding(`${EMAILS.length} accounts, none opened`);
  } finally {
    await server.remove();
  }
}

async function opens(server: TestServer, email: string, password: string): Promise<boolean> {
  return signIn(server.url, email, password).then(
    () => true,
    () => false,
  );
}
