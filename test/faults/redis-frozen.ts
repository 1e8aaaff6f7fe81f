/** Redis hangs: connections stand, and nothing is answered. */
import { redisOutage } from './redis-outage.ts';

export const redisFrozen = redisOutage({
  name: 'redis-frozen',
  how: 'frozen, with its connections open,',
  away: (server) => server.freeze(),
  back: (server) => server.thaw(),
});
