/** `npm run demo-password`: prints the password of the demo accounts, where there are any. */
import { Refusal, runScript } from './prompt.ts';

await runScript(async () => {
  const { demoPassword, findOpenDemoAccounts } = await import('../lib/auth/demo-accounts.ts');
  const { db } = await import('../lib/database/db.ts');
  const accounts = await findOpenDemoAccounts(db);
  const password = demoPassword();
  if (password === null || accounts.length === 0) {
    throw new Refusal(
      'No demo account can be used here. A new database gets some when it is first started for this machine alone; otherwise make an account with npm run create-admin.',
    );
  }
  // The password alone on standard output, so that a script can read it.
  process.stderr.write(`${accounts.join(', ')}:\n`);
  process.stdout.write(`${password}\n`);
});
