/** To whom something is sent, as every door takes it. */
import { z } from 'zod';
import type { MessageKey } from '../language/message.ts';
import { lineOfText, storableText } from './text.ts';

const A_USER = 'server.belfry.user' satisfies MessageKey;
// People are told apart by it, and it stands in one line of a log.
export const LONGEST_USER_ID = 255;
export const LONGEST_TOPIC = 200;
// What one statement takes well within a second.
export const MOST_USERS = 10_000;

/** The app's own id of a user: text, or, since many apps count, a whole number, which stands for its digits. */
export const userIdSchema = z.union(
  [
    storableText()
      .refine((text) => text.trim() !== '', A_USER)
      .refine((text) => text.length <= LONGEST_USER_ID, A_USER),
    z.int().nonnegative().transform(String),
  ],
  A_USER,
);

/** What a topic is called: one line of text, such as `project:7` or `role:ADMIN`. */
export const topicNameSchema = lineOfText({
  max: LONGEST_TOPIC,
  missing: 'server.belfry.topic-missing',
  tooLong: 'server.belfry.topic-too-long',
});

/** Everyone, one user, several, or whoever follows a topic. */
export const audienceSchema = z.union(
  [
    z.literal('everyone'),
    z.strictObject({ user: userIdSchema }),
    z.strictObject({
      users: z
        .array(userIdSchema)
        .min(1, 'server.belfry.users-missing' satisfies MessageKey)
        .max(MOST_USERS, 'server.belfry.users-too-many' satisfies MessageKey),
    }),
    z.strictObject({ topic: topicNameSchema }),
  ],
  'server.belfry.to' satisfies MessageKey,
);

export type Audience = z.output<typeof audienceSchema>;
/** The users that an audience names, each once. */
export function namedUsers(audience: Exclude<Audience, 'everyone' | { topic: string }>): string[] {
  return 'user' in audience ? [audience.user] : [...new Set(audience.users)];
}

/** The same, with numbers where ids are. */
export type AudienceInput = z.input<typeof audienceSchema>;
