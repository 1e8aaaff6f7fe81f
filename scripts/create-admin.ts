/**
 * `npm run create-admin`: makes an admin, or makes an existing account one. Asks for what is missing;
 * without a terminal, `npm run create-admin -- --email ada@example.com --name Ada < password.txt`.
 */
import { parseArgs } from 'node:util';
import { ask, canAsk, confirm, Refusal, readNewPassword, runScript, say } from './prompt.ts';

await runScript(async () => {
  const { createAccount, emailSchema, findAccount, setRole } = await import('../lib/auth/accounts.ts');
  const { commandLineActor } = await import('../lib/auth/actor.ts');
  const { values } = parseArgs({
    options: {
      email: { type: 'string' },
      name: { type: 'string' },
      promote: { type: 'boolean', default: false },
    },
  });

  // Checked before the other questions are asked.
  const { data: email } = emailSchema.safeParse(
    values.email ?? (await askOr('Email: ', 'Give the address: --email ada@example.com.')),
  );
  if (email === undefined) throw new Refusal('Give an email address, such as ada@example.com.');
  const account = await findAccount(email);
  if (account) return promote(account.email, account.role);

  const name = values.name ?? (await askOr('Name: ', 'Give the name that others see: --name "Ada Byron".'));
  const password = await readNewPassword();
  await createAccount({ email, name, password, role: 'ADMIN' }, commandLineActor());
  say(`${email} can sign in as an admin now.`);

  async function promote(known: string, role: string): Promise<void> {
    if (role === 'ADMIN') return say(`${known} is an admin already; nothing was changed.`);
    if (!values.promote && !canAsk) {
      throw new Refusal(`${known} has an account. Add --promote to make it an admin; its password stays.`);
    }
    if (
      !values.promote &&
      !(await confirm(`${known} has an account. Make it an admin? Its password stays.`))
    ) {
      return say('Nothing was changed.');
    }
    await setRole({ email: known, role: 'ADMIN' }, commandLineActor());
    say(`${known} is an admin now.`);
  }
});

async function askOr(question: string, refusal: string): Promise<string> {
  if (!canAsk) throw new Refusal(refusal);
  return ask(question);
}
