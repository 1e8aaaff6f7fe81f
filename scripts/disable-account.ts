/**
 * `npm run disable-account -- --email ada@example.com`: nobody can sign in with it, and its sessions end. The last
 * admin stays, unless there is `--force`.
 */
import { parseArgs } from 'node:util';
import { Refusal, runScript, say } from './prompt.ts';

await runScript(async () => {
  const { disableAccount } = await import('../lib/auth/accounts.ts');
  const { commandLineActor } = await import('../lib/auth/actor.ts');
  const { values } = parseArgs({ options: { email: { type: 'string' }, force: { type: 'boolean' } } });
  const { email, force } = values;
  if (!email) throw new Refusal('Give the address: --email ada@example.com.');

  const isNews = await disableAccount({ email, force }, commandLineActor());
  say(isNews ? `${email} is disabled, and its sessions have ended.` : `${email} was disabled already.`);
});
