/** PostgreSQL hangs, as on a host that vanished from the network: connections stand, and nothing is answered. */
import { postgresqlOutage } from './postgresql-outage.ts';

export const postgresqlFrozen = postgresqlOutage({
  name: 'postgresql-frozen',
  how: 'frozen, with its connections open,',
  away: (server) => server.freeze(),
  back: (server) => server.thaw(),
  // Longer than the answers take that say so.
  awaySeconds: { short: 30, full: 30 },
  answerLimitMs: 25_000,
});
