/** Every fault, in the order in which they are taken. */
import { abandonedConnections } from './abandoned-connections.ts';
import { damagedDatabase } from './damaged-database.ts';
import { development } from './development.ts';
import { editedSources } from './edited-sources.ts';
import { expiringNotices } from './expiring-notices.ts';
import { failedOver } from './failed-over.ts';
import { type Fault, long } from './fault.ts';
import { fullDisk } from './full-disk.ts';
import { instanceKilled } from './instance-killed.ts';
import { jumpingClock } from './jumping-clock.ts';
import { killed } from './killed.ts';
import { lastEventId } from './last-event-id.ts';
import { lockedDatabase } from './locked-database.ts';
import { otherDecoders } from './other-decoders.ts';
import { postgresqlFrozen } from './postgresql-frozen.ts';
import { postgresqlGone } from './postgresql-gone.ts';
import { postgresqlReadOnly } from './postgresql-read-only.ts';
import { proxies } from './proxies.ts';
import { readOnlyDatabase } from './read-only-database.ts';
import { redisFrozen } from './redis-frozen.ts';
import { redisGone } from './redis-gone.ts';
import { removedDatabase } from './removed-database.ts';
import { repeatedSends } from './repeated-sends.ts';
import { replacedDatabase } from './replaced-database.ts';
import { responsesCutOff } from './responses-cut-off.ts';
import { restoredBackup } from './restored-backup.ts';
import { rollingRestart } from './rolling-restart.ts';
import { rollingRestartNginx } from './rolling-restart-nginx.ts';
import { stopped } from './stopped.ts';
import { twoBuilds } from './two-builds.ts';
import { twoInstances } from './two-instances.ts';
import { unusableDatabase } from './unusable-database.ts';
import { unwritableLog } from './unwritable-log.ts';
import { workerKilled } from './worker-killed.ts';

export const FAULTS: readonly Fault[] = [
  redisGone,
  long(redisFrozen),
  postgresqlGone,
  long(postgresqlFrozen),
  long(postgresqlReadOnly),
  long(failedOver),
  proxies,
  long(responsesCutOff),
  otherDecoders,
  lastEventId,
  repeatedSends,
  long(expiringNotices),
  long(jumpingClock),
  long(lockedDatabase),
  fullDisk,
  long(readOnlyDatabase),
  long(removedDatabase),
  long(replacedDatabase),
  long(restoredBackup),
  damagedDatabase,
  long(unusableDatabase),
  long(unwritableLog),
  abandonedConnections,
  long(stopped),
  killed,
  development,
  long(editedSources),
  long(twoBuilds),
  long(twoInstances),
  instanceKilled,
  long(workerKilled),
  long(rollingRestart),
  long(rollingRestartNginx),
];
