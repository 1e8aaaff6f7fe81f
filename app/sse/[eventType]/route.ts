// Registers the types, and does so again when the list has changed while the development server runs.
import '@/app/event-types.ts';
import { requireUser } from '@/lib/auth/session.ts';
import { credentialsOf } from '@/lib/auth/stream-credentials.ts';
import type { EventStream } from '@/lib/belfry/engine/event-stream.ts';
import { createSseResponse, SSE_HEADERS } from '@/lib/belfry/http/sse-response.ts';
import { belfry } from '@/lib/belfry.ts';
import { env } from '@/lib/config/env.ts';
import { takeServerResponse } from '@/lib/http/connections.ts';
import { route } from '@/lib/http/route.ts';
import { limitRequests } from '@/lib/http/user-limits.ts';

interface Context {
  params: Promise<{ eventType: string }>;
}

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route<Context>({ GET: open, HEAD: probe });

async function open(request: Request, { params }: Context): Promise<Response> {
  const connect = await prepare(request, params);
  // Nothing below waits, so that a client cannot leave unnoticed in between.
  if (request.signal.aborted) return new Response(null, { status: 499 });
  const connection = env.streamPath === 'handover' ? takeServerResponse(request) : null;
  let stream: EventStream | null = null;
  const { sink, response } = createSseResponse(request, connection, () => stream?.close('client-gone'));
  stream = connect(sink);
  return response;
}

/** Answers as GET would, without opening a stream. */
async function probe(request: Request, { params }: Context): Promise<Response> {
  await prepare(request, params);
  return new Response(null, { headers: SSE_HEADERS });
}

async function prepare(request: Request, params: Context['params']) {
  const user = await requireUser(request);
  await limitRequests('connect', user.id);
  const { eventType } = await params;
  return belfry.prepareStream({
    credentials: credentialsOf(user),
    eventTypes: [...new Set(eventType.split(',').filter(Boolean))],
    since: new URL(request.url).searchParams.get('since'),
  });
}
