import { queryOf } from '@/lib/belfry/http/read-request.ts';
import { belfry } from '@/lib/belfry.ts';
import { needsRestart, troubleOfDatabase } from '@/lib/database/database-health.ts';
import { json, route } from '@/lib/http/route.ts';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route({ GET: health });

/**
 * Ready: `ok`; `degraded` when the other instances cannot be reached, so that what happens there shows
 * late here; with 503 `down` when nothing can be stored, and why; and `stopping`. With `?live` only whether
 * the process answers, and not what a restart would not mend.
 */
async function health(request: Request): Promise<Response> {
  const { isRunning, streamCount: streams } = belfry.eventManager;
  if (queryOf(request).has('live')) {
    const isDead = isRunning && needsRestart();
    return json({ app: 'belfry', status: isDead ? 'down' : 'ok' }, { status: isDead ? 503 : 200 });
  }
  if (!isRunning) return json({ app: 'belfry', status: 'stopping', streams }, { status: 503 });
  const trouble = await troubleOfDatabase();
  const bus = belfry.bus.isConnected ? 'ok' : 'down';
  if (trouble) {
    const { code, sentence: message, retryAfterSeconds } = trouble;
    return json(
      { app: 'belfry', status: 'down', database: 'down', reason: { code, message }, bus, streams },
      { status: 503, headers: { 'Retry-After': String(retryAfterSeconds) } },
    );
  }
  const status = bus === 'ok' ? 'ok' : 'degraded';
  return json({ app: 'belfry', status, database: 'ok', bus, streams });
}
