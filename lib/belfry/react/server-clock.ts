import { createServerClock } from '../client/server-clock.ts';

/** The server's time on this page: one for everything on it. Until the server has told it, this computer's. */
export const serverClock = /* @__PURE__ */ createServerClock();
