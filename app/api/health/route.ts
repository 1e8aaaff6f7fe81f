import { db } from '@/lib/db.ts';
import { eventBus, eventManager } from '@/lib/engine.ts';
import { json, route } from '@/lib/http.ts';
import { log } from '@/lib/log.ts';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route({ GET: health });

/**
 * `ok`; `degraded` when the other instances cannot be reached, so that live delivery between instances is
 * slow; `down`, with 503, when the database does not answer.
 */
async function health(): Promise<Response> {
  const database = await answers();
  const bus = eventBus.isConnected;
  const status = database ? (bus ? 'ok' : 'degraded') : 'down';
  return json(
    {
      app: 'belfry',
      status,
      database: database ? 'ok' : 'down',
      bus: bus ? 'ok' : 'down',
      streams: eventManager.streamCount,
    },
    { status: database ? 200 : 503 },
  );
}

async function answers(): Promise<boolean> {
  try {
    await db.$queryRaw`SELECT 1`;
    return true;
  } catch (error) {
    log.error({ err: error, code: 'database_down' }, 'health check failed');
    return false;
  }
}
