/** What `POST /notifications/dismiss` and its kind take. */
import { z } from 'zod';
import type { MessageKey } from '../language/say.ts';

const AN_ID = 'server.belfry.id' satisfies MessageKey;
const THROUGH = 'server.belfry.through-id' satisfies MessageKey;
const MOST_IDS = 1_000;

const id = z.int(AN_ID).positive(AN_ID);
const ids = z
  .array(id, 'server.belfry.ids' satisfies MessageKey)
  .min(1, 'server.belfry.ids-missing' satisfies MessageKey)
  .max(MOST_IDS, 'server.belfry.ids-too-many' satisfies MessageKey);
const throughId = z.int(THROUGH).nonnegative(THROUGH);

const named = z.strictObject({ ids });

/** By the last part of the path. */
export const changeSchemas = {
  dismiss: named,
  clear: z.strictObject({ throughId: throughId.optional() }),
  read: z.union([named, z.strictObject({ throughId })], 'server.belfry.ids-or-through' satisfies MessageKey),
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
  seen: z.strictObject({ throughId }),
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
