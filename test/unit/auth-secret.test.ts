import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test('the key of actions is the same wherever the secret is, is as long as Next wants it, and tells nothing of the secret', async () => {
  const module = new URL('../../lib/auth/secret.ts', import.meta.url).href;
  const program = `import { actionKey } from '${module}'; process.stdout.write(actionKey());`;
  const keyFor = async (secret: string) => {
    const env = { ...process.env, NEXTAUTH_SECRET: secret };
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
      env,
    });
    return stdout;
  };
  const [one, again, other] = await Promise.all(
    ['a secret for this test', 'a secret for this test', 'another one for this test'].map(keyFor),
  );
  expect(again).toBe(one);
  expect(other).not.toBe(one);
  const bytes = Buffer.from(one ?? '', 'base64');
  expect(bytes).toHaveLength(32);
  expect(bytes.toString('latin1')).not.toContain('secret');
});
