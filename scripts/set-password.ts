/**
 * `npm run set-password`: gives an account a new password and ends its sessions everywhere. Asks for
 * what is missing; without a terminal, `npm run set-password -- --email ada@example.com < password.txt`.
 */
import { parseArgs } from 'node:util';
import { ask, canAsk, Refusal, readNewPassword, runScript, say } from './prompt.ts';

await runScript(async () => {
  const { findAccount, setPassword } = await import('../lib/auth/accounts.ts');
  const { commandLineActor } = await import('../lib/auth/actor.ts');
  const { values } = parseArgs({ options: { email: { type: 'string' } } });
  if (!values.email && !canAsk) throw new Refusal('Give the address: --email ada@example.com.');

  const email = values.email ?? (await ask('Email: '));
  // Before asking for the password: a wrong address should not cost two entries of it.
  const account = await findAccount(email);
  if (!account)
    throw new Refusal(`${email} has no account. Check the spelling, or make one with npm run create-admin.`);

  await setPassword({ email: account.email, password: await readNewPassword() }, commandLineActor());
  say(`${account.email} has a new password. Its sessions have ended everywhere.`);
  if (account.disabled) say('The account is disabled, so nobody can sign in with it.');
});
