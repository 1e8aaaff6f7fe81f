// Registers the types, and does so again when the list has changed while the development server runs.
import '@/app/event-types.ts';
import { handlers } from '@/lib/http/handlers.ts';
import { route } from '@/lib/http/route.ts';

interface Context {
  params: Promise<{ eventType: string }>;
}

// Otherwise each member of the request would be asked through a proxy of Next's.
export const dynamic = 'force-dynamic';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route<Context>({
  GET: async (request, { params }) => handlers.stream(request, (await params).eventType),
  HEAD: async (request, { params }) => handlers.probe(request, (await params).eventType),
});
