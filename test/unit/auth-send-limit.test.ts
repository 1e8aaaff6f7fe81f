import { afterEach, expect, test, vi } from 'vitest';
import { consumeSend } from '../../lib/auth/send-limit.ts';
import { env } from '../../lib/config/env.ts';

afterEach(() => {
  vi.useRealTimers();
});

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

test.each([3, -3, 24, -24])(
  'a clock that is set by %i hours makes nobody wait for longer than a minute',
  async (hours) => {
    vi.useFakeTimers();
    const sender = `user:${hours}`;
    for (let n = 0; n < env.sendLimitPerMinute; n += 1) await consumeSend(sender);
    vi.setSystemTime(Date.now() + hours * 60 * 60_000);
    const refusal = await consumeSend(sender).catch((error: unknown) => error);
    // A clock that is ahead ends the minute.
    expect(refusal).toEqual(hours > 0 ? undefined : expect.objectContaining({ retryAfterSeconds: 60 }));
    vi.advanceTimersByTime(60_000);
    await expect(consumeSend(sender)).resolves.toBeUndefined();
  },
);
