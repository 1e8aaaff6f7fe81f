/**
 * `npm run set-role -- --email ada@example.com --role USER`: makes an admin an ordinary user, or the other way
 * round (`--role ADMIN`). The last admin stays one, unless there is `--force`.
 */
import { parseArgs } from 'node:util';
import { Refusal, runScript, say } from './prompt.ts';

await runScript(async () => {
  const { setRole } = await import('../lib/auth/accounts.ts');
  const { commandLineActor } = await import('../lib/auth/actor.ts');
  const { values } = parseArgs({
    options: { email: { type: 'string' }, role: { type: 'string' }, force: { type: 'boolean' } },
  });
  const { email, force } = values;
  const role = values.role?.toUpperCase();
  if (!email) throw new Refusal('Give the address: --email ada@example.com.');
  if (role !== 'ADMIN' && role !== 'USER') throw new Refusal('Give the role: --role ADMIN or --role USER.');

  await setRole({ email, role, force }, commandLineActor());
  say(`${email} is ${role === 'ADMIN' ? 'an admin' : 'an ordinary user'} now.`);
});
