/** What `POST /notifications/dismiss` and its kind take. */
import { z } from 'zod';
import type { MessageKey } from '../language/message.ts';
import { OWN_MESSAGES } from './errors.ts';
import { storableText } from './text.ts';

const AN_ID = 'server.belfry.id' satisfies MessageKey;
const THROUGH = 'server.belfry.through-id' satisfies MessageKey;
const WHICH = 'server.belfry.ids-or-through' satisfies MessageKey;
const SEEN_WHICH = 'server.belfry.seen-ids-or-through' satisfies MessageKey;
const MOST_IDS = 1_000;
// The name of a type, and 200 characters of its own.
const LONGEST_GROUP_KEY = 300;

const id = z.int(AN_ID).positive(AN_ID);
const ids = z
  .array(id, 'server.belfry.ids' satisfies MessageKey)
  .min(1, 'server.belfry.ids-missing' satisfies MessageKey)
  .max(MOST_IDS, 'server.belfry.ids-too-many' satisfies MessageKey);
/** The `groupKey` of an item. */
export const groupKey = storableText()
  .min(1, 'server.belfry.group' satisfies MessageKey)
  .max(LONGEST_GROUP_KEY, 'server.belfry.group' satisfies MessageKey);
const throughId = z.int(THROUGH).nonnegative(THROUGH);

const named = z.strictObject({ ids });
const ofGroup = z.strictObject({ group: groupKey, throughId });

/** Of several shapes the one whose member is there: so what is wrong is told by its field. @param otherwise Where none is. */
function byMember<Shapes extends Record<string, z.ZodType>, Otherwise extends z.ZodType>(
  shapes: Shapes,
  otherwise: Otherwise,
) {
  return z.unknown().transform((body, context) => {
    const member = Object.keys(shapes).find(
      (name) => typeof body === 'object' && body !== null && name in body,
    );
    const parsed = (member === undefined ? otherwise : shapes[member])?.safeParse(body, OWN_MESSAGES);
    if (parsed?.success) return parsed.data as z.output<Shapes[keyof Shapes] | Otherwise>;
    for (const issue of parsed?.error.issues ?? []) context.addIssue({ ...issue });
    return z.NEVER;
  });
}

/** By the last part of the path. */
export const changeSchemas = {
  dismiss: byMember({ group: ofGroup }, named),
  clear: z.strictObject({ throughId: throughId.optional() }),
  read: byMember({ ids: named, group: ofGroup, throughId: z.strictObject({ throughId }) }, z.never(WHICH)),
  unread: named,
  restore: named,
  snooze: z.strictObject({
    ids,
    until: z.iso
      .datetime({
        offset: true,
        error: 'server.belfry.time' satisfies MessageKey,
      })
      .transform((text) => new Date(text)),
  }),
  seen: byMember({ ids: named, throughId: z.strictObject({ throughId }) }, z.never(SEEN_WHICH)),
  undo: z.strictObject({ undo: z.string('server.belfry.undo-token' satisfies MessageKey).max(200) }),
  act: z.strictObject({
    id,
    action: z
      .string('server.belfry.action' satisfies MessageKey)
      .min(1)
      .max(100),
    /** What the action asks for: of a field, its text. */
    input: z.unknown().optional(),
  }),
} as const;

export type ChangeName = keyof typeof changeSchemas;
