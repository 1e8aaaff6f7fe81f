import { notificationRoutes } from 'belfry/next';
import { belfry } from '@/lib/belfry.ts';
import { ofThisApp } from '@/lib/http/routes-of-belfry.ts';

// Otherwise each member of the request would be asked through a proxy of Next's.
export const dynamic = 'force-dynamic';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = notificationRoutes(belfry, ofThisApp);
