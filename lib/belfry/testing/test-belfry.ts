import { type Belfry, type BelfryOptions, createBelfry } from '../create-belfry.ts';
import { memoryDatabase } from './memory-database.ts';
import { type TestClock, testClock } from './test-clock.ts';

/**
 * A real Belfry on a database in memory and a clock of its own, started. Call `belfry.shutdown()` at the end.
 *
 *     const { belfry, clock } = await testBelfry();
 *     await belfry.sendUserNotification({ targetUserId: '1', title: 'Tea', message: 'At four.', at: inAnHour(clock) });
 *     clock.advance(60 * 60_000);
 *     await belfry.runJobs();
 */
export async function testBelfry(
  options: Partial<BelfryOptions> = {},
): Promise<{ belfry: Belfry; clock: TestClock }> {
  const clock = testClock();
  const belfry = createBelfry({
    database: memoryDatabase(),
    migrates: true,
    now: clock.now,
    log: { info() {}, warn() {}, error() {} },
    ...options,
  });
  await belfry.start();
  return { belfry, clock };
}
