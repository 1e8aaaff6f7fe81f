/** `npm run enable-account -- --email ada@example.com`: a disabled account can sign in again, with its old password. */
import { parseArgs } from 'node:util';
import { Refusal, runScript, say } from './prompt.ts';

await runScript(async () => {
  const { enableAccount } = await import('../lib/auth/accounts.ts');
  const { commandLineActor } = await import('../lib/auth/actor.ts');
  const { values } = parseArgs({ options: { email: { type: 'string' } } });
  const { email } = values;
  if (!email) throw new Refusal('Give the address: --email ada@example.com.');

  const isNews = await enableAccount({ email }, commandLineActor());
  say(isNews ? `${email} can sign in again.` : `${email} is not disabled; nothing was changed.`);
});
