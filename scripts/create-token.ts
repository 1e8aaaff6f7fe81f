/** `npm run create-token -- --name ci`: makes a bearer token for `POST /notifications/send` and shows it once. */
import { parseArgs } from 'node:util';
import { Refusal, runScript } from './prompt.ts';

await runScript(async () => {
  const { createApiToken } = await import('../lib/auth/api-token.ts');
  const { values } = parseArgs({ options: { name: { type: 'string' } } });
  if (!values.name) throw new Refusal('Say what the token is for: npm run create-token -- --name ci');

  const { id, token } = await createApiToken({ name: values.name });
  // The token alone on standard output, so that it can be piped into a secret store.
  process.stderr.write(
    `Token ${id}, "${values.name}". It is shown only now; send it as "Authorization: Bearer <token>".\n`,
  );
  process.stdout.write(`${token}\n`);
});
