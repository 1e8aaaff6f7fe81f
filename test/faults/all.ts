/** Every fault, in the order in which they are taken. */
import { abandonedConnections } from './abandoned-connections.ts';
import { endedSessions } from './ended-sessions.ts';
import { expiringNotices } from './expiring-notices.ts';
import type { Fault } from './fault.ts';
import { forgedLogLines } from './forged-log-lines.ts';
import { fullDisk } from './full-disk.ts';
import { killed } from './killed.ts';
import { lastEventId } from './last-event-id.ts';
import { lockedDatabase } from './locked-database.ts';
import { otherDecoders } from './other-decoders.ts';
import { proxies } from './proxies.ts';
import { repeatedSends } from './repeated-sends.ts';
import { stalledClients } from './stalled-clients.ts';
import { stopped } from './stopped.ts';
import { streamLimit } from './stream-limit.ts';
import { unusableDatabase } from './unusable-database.ts';

export const FAULTS: readonly Fault[] = [
  endedSessions,
  proxies,
  otherDecoders,
  lastEventId,
  forgedLogLines,
  streamLimit,
  repeatedSends,
  expiringNotices,
  lockedDatabase,
  fullDisk,
  unusableDatabase,
  abandonedConnections,
  stalledClients,
  stopped,
  killed,
];
