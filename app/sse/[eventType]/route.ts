// Registers the types, and does so again when the list has changed while the development server runs.
import '@/app/event-types.ts';
import { streamRoutes } from 'belfry/next';
import { belfry } from '@/lib/belfry.ts';
import { ofThisApp } from '@/lib/http/routes-of-belfry.ts';

// Otherwise each member of the request would be asked through a proxy of Next's.
export const dynamic = 'force-dynamic';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = streamRoutes(belfry, ofThisApp);
