/**
 * `npm run delete-account -- --email ada@example.com`: removes an account with its notifications and sessions, for
 * good. Asks; `--yes` where nobody can be asked. The last admin stays, unless there is `--force`.
 */
import { parseArgs } from 'node:util';
import { canAsk, confirm, Refusal, runScript, say } from './prompt.ts';

await runScript(async () => {
  const { deleteAccount, findAccount } = await import('../lib/auth/accounts.ts');
  const { commandLineActor } = await import('../lib/auth/actor.ts');
  const { values } = parseArgs({
    options: { email: { type: 'string' }, yes: { type: 'boolean' }, force: { type: 'boolean' } },
  });
  const { email, yes, force } = values;
  if (!email) throw new Refusal('Give the address: --email ada@example.com.');
  const account = await findAccount(email);
  if (!account) throw new Refusal(`${email} has no account. Check the spelling.`);

  const what = `${account.email} (${account.name}) with all of its notifications`;
  if (!yes && !canAsk) throw new Refusal(`This deletes ${what}. Add --yes if that is what you want.`);
  if (!yes && !(await confirm(`Delete ${what}? This cannot be taken back.`)))
    return say('Nothing was changed.');
  await deleteAccount({ email: account.email, force }, commandLineActor());
  say(`${account.email} is deleted, and its sessions have ended.`);
});
