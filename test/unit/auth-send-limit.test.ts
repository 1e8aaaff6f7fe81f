import { expect, test } from 'vitest';
import { consumeSend } from '../../lib/auth/send-limit.ts';
import { env } from '../../lib/config/env.ts';

test('a sender may send so many times a minute, and is then told how long to wait', async () => {
  for (let n = 0; n < env.sendLimitPerMinute; n += 1) await consumeSend('user:1');
  await expect(consumeSend('user:1')).rejects.toMatchObject({
    code: 'too_many_requests',
    retryAfterSeconds: expect.toSatisfy((seconds: number) => seconds > 0 && seconds <= 60),
  });
});

test('one sender does not use up the sends of another', async () => {
  for (let n = 0; n < env.sendLimitPerMinute; n += 1) await consumeSend('token:1');
  await expect(consumeSend('token:2')).resolves.toBeUndefined();
});
