/** Every attack, in the order in which they are tried. */
import { type Fault, long } from '../faults/fault.ts';
import { auditTrail } from './audit-trail.ts';
import { demoAccounts } from './demo-accounts.ts';
import { endedSessions } from './ended-sessions.ts';
import { foreignOrigins } from './foreign-origins.ts';
import { forgedLogLines } from './forged-log-lines.ts';
import { heldBehindHaproxy } from './held-behind-haproxy.ts';
import { heldConnections } from './held-connections.ts';
import { logFlood } from './log-flood.ts';
import { malformedRequests } from './malformed-requests.ts';
import { restoredBackup } from './restored-backup.ts';
import { signInCrowd } from './sign-in-crowd.ts';
import { stalledClients } from './stalled-clients.ts';
import { streamLimit } from './stream-limit.ts';
import { userLimits } from './user-limits.ts';

export const ATTACKS: readonly Fault[] = [
  long(demoAccounts),
  foreignOrigins,
  endedSessions,
  long(auditTrail),
  long(restoredBackup),
  forgedLogLines,
  long(logFlood),
  heldConnections,
  long(heldBehindHaproxy),
  malformedRequests,
  streamLimit,
  long(signInCrowd),
  long(userLimits),
  stalledClients,
];
