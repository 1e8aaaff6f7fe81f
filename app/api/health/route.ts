import { db } from '@/lib/db.ts';
import { eventManager } from '@/lib/engine.ts';
import { json, route } from '@/lib/http.ts';
import { log } from '@/lib/log.ts';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route({ GET: health });

async function health(): Promise<Response> {
  const database = await answers();
  const status = database ? 'ok' : 'down';
  return json(
    { app: 'belfry', status, database: database ? 'ok' : 'down', streams: eventManager.streamCount },
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
