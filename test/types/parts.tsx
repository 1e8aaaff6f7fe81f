/** What the compiler refuses of an app's own parts. It checks this file with all others; nothing here is run. */
import type { NotificationPartProps, NotificationParts } from 'belfry/react';
import { z } from 'zod';
import { defineNotification } from '../../lib/belfry/definitions/notification-type.ts';

const CommentAdded = defineNotification({
  name: 'CommentAdded',
  payload: z.object({ author: z.string() }),
  render: ({ payload }) => ({ title: payload.author }),
});
const eventTypes = [CommentAdded] as const;

const Card = ({ item }: NotificationPartProps<{ author: string }>) => <p>{item.payload.author}</p>;
const Other = ({ item }: NotificationPartProps<{ order: number }>) => <p>{item.payload.order}</p>;

export const right: NotificationParts<typeof eventTypes> = { CommentAdded: Card };
export const none: NotificationParts<typeof eventTypes> = {};
// @ts-expect-error the part is for another payload
export const otherPayload: NotificationParts<typeof eventTypes> = { CommentAdded: Other };
// @ts-expect-error there is no such type
export const unknownType: NotificationParts<typeof eventTypes> = { CommentRemoved: Card };
