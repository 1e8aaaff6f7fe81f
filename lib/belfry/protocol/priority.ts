/** From least to most urgent; a row holds the position in this list, so that it sorts. */
export const PRIORITIES = ['LOW', 'NORMAL', 'HIGH', 'CRITICAL'] as const;

/** How urgent an event is: the order in which it is shown, and how loudly. */
export type Priority = (typeof PRIORITIES)[number];

/** The position in `PRIORITIES`: 0 is the least urgent. */
export function priorityRank(priority: Priority): number {
  return PRIORITIES.indexOf(priority);
}
