// Registers the types, and does so again when the list has changed while the development server runs.
import '@/app/event-types.ts';
import { requireUser } from '@/lib/auth/session.ts';
import type { EventStream } from '@/lib/belfry/engine/event-stream.ts';
import { createSseResponse, SSE_HEADERS } from '@/lib/belfry/http/sse-response.ts';
import { eventManager } from '@/lib/belfry.ts';
import { route } from '@/lib/http/route.ts';
import { limitRequests } from '@/lib/http/user-limits.ts';

interface Context {
  params: Promise<{ eventType: string }>;
}

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route<Context>({ GET: open, HEAD: probe });

async function open(request: Request, { params }: Context): Promise<Response> {
  const user = await requireUser(request);
  await limitRequests('connect', user.id);
  const eventTypes = await eventTypesOf(params);
  eventManager.assertCanConnect({ userId: user.id, eventTypes });
  // Nothing below waits, so that a client cannot leave unnoticed in between.
  if (request.signal.aborted) return new Response(null, { status: 499 });
  let stream: EventStream | null = null;
  const { sink, response } = createSseResponse(request, () => stream?.close('client-gone'));
  stream = eventManager.connect({
    userId: user.id,
    eventTypes,
    sink,
    lastEventId: request.headers.get('last-event-id'),
    validUntil: user.sessionExpiresAt,
    session: { id: user.sessionId, role: user.role },
  });
  return response;
}

/** Answers as GET would, without opening a stream. */
async function probe(request: Request, { params }: Context): Promise<Response> {
  const user = await requireUser(request);
  await limitRequests('connect', user.id);
  eventManager.assertCanConnect({ userId: user.id, eventTypes: await eventTypesOf(params) });
  return new Response(null, { headers: SSE_HEADERS });
}

async function eventTypesOf(params: Context['params']): Promise<string[]> {
  const { eventType } = await params;
  return [...new Set(eventType.split(',').filter(Boolean))];
}
