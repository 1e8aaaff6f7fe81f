/** The jobs of Belfry's own that hold something of a user's. */

/** Brings back what was put off: `{ userId, eventIds, until }`, the user as the engine has them. */
export const WAKE = 'belfry.wake';
/** Sends what was to be sent later: `{ draft, audience }`. */
export const SEND = 'belfry.send';
/** Tells of an answer that nobody waited for: `{ questionId }`. */
export const ANSWERED = 'belfry.answered';
