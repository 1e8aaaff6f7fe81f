/** `belfry/testing`: what an app's own tests need. */
export {
  answers,
  fakeBelfry,
  type SentEphemeral,
  type SentNotification,
  sent,
  sentEvents,
} from './fake-belfry.ts';
export { memoryDatabase } from './memory-database.ts';
export { testBelfry } from './test-belfry.ts';
export { type TestClock, testClock } from './test-clock.ts';
export { type PageLike, waitForNotification } from './wait-for-notification.ts';
