import { BelfryError, isBelfryError, SystemNotification } from 'belfry';
import { z } from 'zod';
import { requireAdminOrToken } from '@/lib/auth/admin-or-token.ts';
import { auditTrail } from '@/lib/auth/audit.ts';
import { consumeSend } from '@/lib/auth/send-limit.ts';
import { readJson } from '@/lib/belfry/http/read-request.ts';
import { deliverySchema } from '@/lib/belfry/notifications/sending.ts';
import { notificationPayload } from '@/lib/belfry/notifications/system-notification.ts';
import { type Audience, audienceSchema, userIdSchema } from '@/lib/belfry/protocol/audience.ts';
import { storableText } from '@/lib/belfry/protocol/text.ts';
import { notify } from '@/lib/belfry.ts';
import { requireSameOrigin } from '@/lib/http/origin.ts';
import { json, route } from '@/lib/http/route.ts';

const KEY_LENGTH = 'An idempotency key has 1 to 255 characters.';
const WHO = 'Say to whom, once: to, or audience "all", or a targetUserId.';
// Ten thousand ids of 36 characters, and the rest.
const MAX_BODY_BYTES = 1_048_576;

const body = notificationPayload
  .extend(deliverySchema.omit({ sentBy: true }).shape)
  .extend({
    to: audienceSchema.optional(),
    targetUserId: userIdSchema.optional(),
    audience: z.literal('all', 'The audience is "all".').optional(),
    idempotencyKey: storableText().min(1, KEY_LENGTH).max(255, KEY_LENGTH).optional(),
  })
  .strict()
  .refine(
    (said) => [said.to, said.targetUserId, said.audience].filter((who) => who !== undefined).length === 1,
    {
      message: WHO,
      path: ['to'],
    },
  );

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route({ POST: send });

async function send(request: Request): Promise<Response> {
  const sender = await requireAdminOrToken(request, 'send');
  if (sender.isSession) requireSameOrigin(request.headers);
  await consumeSend(sender.key);
  const {
    to,
    audience: _,
    targetUserId,
    title,
    message,
    link,
    idempotencyKey,
    ...delivery
  } = await readJson(request, body, { maxBytes: MAX_BODY_BYTES });
  const audience: Audience = to ?? (targetUserId === undefined ? 'everyone' : { user: targetUserId });
  const { id } = await namingField(targetUserId === undefined ? null : 'targetUserId', () =>
    notify(SystemNotification, {
      ...delivery,
      to: audience,
      payload: link === undefined ? { title, message } : { title, message, link },
      sentBy: sender.name,
      // One sender's key must not meet another's.
      idempotencyKey: idempotencyKey === undefined ? undefined : `${sender.key}:${idempotencyKey}`,
    }),
  );
  const planned = delivery.at ? { at: delivery.at.toISOString() } : {};
  auditTrail.record({
    action: 'notification_sent',
    by: sender.actor,
    subject: subjectOf(audience),
    // What one person gets is theirs; what everybody got is known anyway.
    detail: { id, ...planned, ...(audience === 'everyone' ? { title } : {}) },
  });
  return json({ id, ...planned }, { status: 201 });
}

/** Has a refusal of the audience name the field that the caller used. */
async function namingField<T>(field: string | null, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const sentences = isBelfryError(error, 'invalid_input') ? error.fieldErrors?.['to.user'] : undefined;
    if (field === null || sentences === undefined) throw error;
    throw new BelfryError('invalid_input', sentences[0] ?? '', { fieldErrors: { [field]: sentences } });
  }
}

function subjectOf(audience: Audience): string {
  if (audience === 'everyone') return 'everyone';
  if ('user' in audience) return `user ${audience.user}`;
  return 'users' in audience ? `${audience.users.length} users` : `topic ${audience.topic}`;
}
