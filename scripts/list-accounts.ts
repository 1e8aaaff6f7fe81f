/** `npm run list-accounts`: all accounts, their roles, and which of them are disabled. */
import { minuteOf, runScript, sayTable } from './prompt.ts';

await runScript(async () => {
  const { listAccounts } = await import('../lib/auth/accounts.ts');
  const { printable } = await import('../lib/telemetry/printable.ts');
  const rows = (await listAccounts()).map((account) => [
    String(account.id),
    account.email,
    // People choose their names themselves.
    printable(account.name, 40),
    account.role,
    minuteOf(account.createdAt, ''),
    minuteOf(account.disabledAt, 'no'),
  ]);
  sayTable(['id', 'email', 'name', 'role', 'made', 'disabled'], rows);
});
