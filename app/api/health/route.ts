import { setTimeout as sleep } from 'node:timers/promises';
import { db } from '@/lib/db.ts';
import { eventBus, eventManager } from '@/lib/engine.ts';
import { json, route } from '@/lib/http.ts';
import { log } from '@/lib/log.ts';

const ANSWER_LIMIT_MS = 2_000;

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route({ GET: health });

/**
 * Ready: `ok`; `degraded` when the other instances cannot be reached, so that what happens there shows
 * late here; with 503 `down` when the database does not answer, and `stopping`. With `?live` only whether
 * the process answers: nothing that a restart would mend.
 */
async function health(request: Request): Promise<Response> {
  if (new URL(request.url).searchParams.has('live')) return json({ app: 'belfry', status: 'ok' });
  const database = await answers();
  const bus = eventBus.isConnected;
  const isReady = database && eventManager.isRunning;
  const status = !eventManager.isRunning ? 'stopping' : !database ? 'down' : bus ? 'ok' : 'degraded';
  return json(
    {
      app: 'belfry',
      status,
      database: database ? 'ok' : 'down',
      bus: bus ? 'ok' : 'down',
      streams: eventManager.streamCount,
    },
    { status: isReady ? 200 : 503 },
  );
}

async function answers(): Promise<boolean> {
  try {
    // A server that hangs does not refuse; whoever asks here wants to know all the same.
    await Promise.race([
      db.$queryRaw`SELECT 1`,
      sleep(ANSWER_LIMIT_MS).then(() => Promise.reject(new Error('no answer'))),
    ]);
    return true;
  } catch (error) {
    log.error({ err: error, code: 'database_down' }, 'health check failed');
    return false;
  }
}
