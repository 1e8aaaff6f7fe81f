/** PostgreSQL ends in the middle of things, as in a crash, and is started again. */
import { postgresqlOutage } from './postgresql-outage.ts';

export const postgresqlGone = postgresqlOutage({
  name: 'postgresql-gone',
  how: 'ended at once, without a checkpoint,',
  away: (server) => server.kill(),
  back: (server) => server.start(),
  awaySeconds: { short: 16, full: 30 },
  answerLimitMs: 10_000,
});
