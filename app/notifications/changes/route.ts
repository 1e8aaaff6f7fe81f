import { handlers } from '@/lib/http/handlers.ts';
import { route } from '@/lib/http/route.ts';

// Otherwise each member of the request would be asked through a proxy of Next's.
export const dynamic = 'force-dynamic';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route({ GET: handlers.changes });
