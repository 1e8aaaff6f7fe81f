/** From nothing to serving, and back. Called once, by start-or-exit.ts. */
import { auditTrail } from '../auth/audit.ts';
import { settleDemoAccounts } from '../auth/demo-accounts.ts';
import { actionKey, authSecret } from '../auth/secret.ts';
import { setSessionEndListener } from '../auth/session-end.ts';
import { removeOldSessions } from '../auth/sessions.ts';
import { BelfryError } from '../belfry/protocol/errors.ts';
import { belfry } from '../belfry.ts';
import { env, setActionKey } from '../config/env.ts';
import { troubleOfDatabase } from '../database/database-health.ts';
import { db } from '../database/db.ts';
import { migrate } from '../database/migrations.ts';
import { oneInstance } from '../database/one-instance.ts';
import { checkSchema } from '../database/schema-check.ts';
import { closeConnections, stopListening, watchHttpConnections } from '../http/connections.ts';
import { refuseUnusablePost } from '../http/posts-to-pages.ts';
import { headersOfEverything } from '../http/security-headers.ts';
import { sharedRedis } from '../redis/redis.ts';
import { log } from '../telemetry/log.ts';

// Supervisors send SIGKILL some seconds after SIGTERM; leave before that, whatever hangs.
const SHUTDOWN_LIMIT_MS = 4_000;
// The name of a lock among instances; see lib/database/one-instance.ts.
const SEED_LOCK = 4270013;
// A kind of job: sessions that ended long ago, and what the audit trail keeps no longer.
const REMOVE_OLD = 'app.remove-old';
const REMOVE_OLD_EVERY_SECONDS = 10 * 60;

export interface StartOptions {
  /** Runs last, before the process exits. */
  finish?: (() => Promise<void>) | undefined;
}

/**
 * Applies migrations, seeds a new database, registers the notification provider,
 * starts the manager, and sees to an orderly stop.
 *
 * @throws BelfryError with a sentence for the operator when the app cannot run as it is set up.
 */
export async function startBelfry({ finish }: StartOptions): Promise<void> {
  watchHttpConnections({
    trustedProxies: env.trustedProxies,
    headersFor: headersOfEverything(env.authUrl),
    answerBeforeNext: refuseUnusablePost,
  });
  // Reads the secret: without one nobody could sign in, which should not show at the first try.
  setActionKey(actionKey(authSecret()));
  await migrate(env.databaseUrl);
  await assertMayStore();
  await checkSchema();
  const isNewDatabase = await isUnused();
  await oneInstance(SEED_LOCK, () => settleDemoAccounts(db, { isNewDatabase }));

  setSessionEndListener(({ userId, sessionIds }) => {
    belfry
      .disconnect({ userId, sessions: sessionIds })
      .catch((error: unknown) => log.error({ err: error, code: 'disconnect_failed' }, 'failed'));
  });
  belfry.jobs.define(REMOVE_OLD, {
    run: async () => {
      await removeOldSessions();
      await auditTrail.removeOld();
    },
  });
  belfry.jobs.every(REMOVE_OLD, REMOVE_OLD_EVERY_SECONDS);
  await belfry.start();

  // Not `once`: a terminal and a supervisor may both send it, and the second must not cut the stop short.
  process.on('SIGTERM', () => void stop(finish));
  process.on('SIGINT', () => void stop(finish));
  log.debug('notifications are running');
}

let stopping = false;

/** Stops accepting, lets what is under way finish, tells every stream to come back, and exits. */
async function stop(finish: StartOptions['finish']): Promise<void> {
  if (stopping) return;
  stopping = true;
  setTimeout(() => process.exit(1), SHUTDOWN_LIMIT_MS).unref();
  try {
    await stopListening();
    await belfry.shutdown();
    await closeConnections();
    await auditTrail.flush();
    await belfry.bus.close();
    sharedRedis()?.connection.close();
    await db.$disconnect();
    await finish?.();
  } catch (error) {
    log.error({ err: error, code: 'shutdown_failed' }, 'the stop was not orderly');
  }
  process.exit(0);
}

/** What is read-only, full or away may be so for a while: that is for health to tell, and it heals. */
async function assertMayStore(): Promise<void> {
  if ((await troubleOfDatabase())?.code !== 'not_allowed') return;
  throw new BelfryError(
    'database_unusable',
    'The name in DATABASE_URL may not write to the tables of Belfry. Make it the owner of the database, or give it these rights there: GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO …; GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO …',
  );
}

// Not only "just created": a first start may have been cut off before it seeded.
async function isUnused(): Promise<boolean> {
  return (await db.user.count()) === 0 && (await belfry.eventLog.lastId()) === 0;
}
