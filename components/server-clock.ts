import { createServerClock } from '@/lib/belfry/client/server-clock.ts';

/** The one of this page. */
export const serverClock = createServerClock();
