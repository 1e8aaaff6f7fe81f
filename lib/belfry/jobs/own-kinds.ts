/** The jobs of Belfry's own that hold something of a user's. */

/** Brings back what was put off: `{ userId, eventIds, until }`, the user as the engine has them. */
export const WAKE = 'belfry.wake';
/** Sends what was to be sent later: `{ draft, audience }`. */
export const SEND = 'belfry.send';
/** Says that a long job was lost: `{ eventType, user, key, startedAt, payload }`, the user by the app's own id. */
export const PROGRESS = 'belfry.progress';
/** Tells of an answer that nobody waited for: `{ questionId }`. */
export const ANSWERED = 'belfry.answered';
