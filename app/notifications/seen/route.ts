import { handlers } from '@/lib/http/handlers.ts';
import { route } from '@/lib/http/route.ts';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route({ POST: handlers.change.seen });
