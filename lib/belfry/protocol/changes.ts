/** What `POST /notifications/dismiss` and its kind take. */
import { z } from 'zod';

const AN_ID = 'An id is a whole number above 0.';
const MOST_IDS = 1_000;

const id = z.int(AN_ID).positive(AN_ID);
const ids = z
  .array(id, 'ids is a list of ids.')
  .min(1, 'Name at least one id.')
  .max(MOST_IDS, `Name ${MOST_IDS.toLocaleString('en')} at a time, or say up to which with throughId.`);
const throughId = z
  .int('throughId is the id of the newest notification that was on the screen.')
  .nonnegative('throughId is the id of the newest notification that was on the screen.');

const named = z.strictObject({ ids });

/** By the last part of the path. */
export const changeSchemas = {
  dismiss: named,
  clear: z.strictObject({ throughId: throughId.optional() }),
  read: z.union([named, z.strictObject({ throughId })], 'Name ids, or say up to which with throughId.'),
  unread: named,
  restore: named,
  snooze: z.strictObject({
    ids,
    until: z.iso
      .datetime({
        offset: true,
        error: 'Give until as an ISO 8601 time with its zone, such as 2030-01-31T12:00:00Z.',
      })
      .transform((text) => new Date(text)),
  }),
  seen: z.strictObject({ throughId }),
  undo: z.strictObject({ undo: z.string('undo is the token that the change was answered with.').max(200) }),
  act: z.strictObject({
    id,
    action: z.string('action is the name of an action.').min(1).max(100),
    /** What the action asks for: of a field, its text. */
    input: z.unknown().optional(),
  }),
} as const;

export type ChangeName = keyof typeof changeSchemas;
