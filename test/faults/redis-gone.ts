/** Redis is killed, and started again without anything that it knew. */
import { redisOutage } from './redis-outage.ts';

export const redisGone = redisOutage({
  name: 'redis-gone',
  how: 'killed',
  away: (server) => server.kill(),
  back: (server) => server.start(),
});
