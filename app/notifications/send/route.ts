import { z } from 'zod';
import { requireAdminOrToken } from '@/lib/auth/admin-or-token.ts';
import { auditTrail } from '@/lib/auth/audit.ts';
import { consumeSend } from '@/lib/auth/send-limit.ts';
import { sendGlobalNotification, sendUserNotification } from '@/lib/belfry/notifications/service.ts';
import { userNotificationInput } from '@/lib/belfry/notifications/sse-notification-service.ts';
import { storableText } from '@/lib/belfry/protocol/text.ts';
import { requireSameOrigin } from '@/lib/http/origin.ts';
import { json, readJson, route } from '@/lib/http/route.ts';

const KEY_LENGTH = 'An idempotency key has 1 to 255 characters.';
const WHO = 'Say to whom: audience "all", or a targetUserId, and not both.';

const body = userNotificationInput
  .omit({ sentBy: true })
  .extend({
    targetUserId: userNotificationInput.shape.targetUserId.optional(),
    audience: z.literal('all', 'The audience is "all".').optional(),
    idempotencyKey: storableText().min(1, KEY_LENGTH).max(255, KEY_LENGTH).optional(),
  })
  .strict()
  .refine(({ audience, targetUserId }) => (audience === undefined) !== (targetUserId === undefined), {
    message: WHO,
    path: ['audience'],
  });

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route({ POST: send });

async function send(request: Request): Promise<Response> {
  const sender = await requireAdminOrToken(request, 'send');
  if (sender.isSession) requireSameOrigin(request.headers);
  await consumeSend(sender.key);
  const { audience: _, targetUserId, idempotencyKey, ...rest } = await readJson(request, body);
  const notification = {
    ...rest,
    sentBy: sender.name,
    // One sender's key must not meet another's.
    idempotencyKey: idempotencyKey === undefined ? undefined : `${sender.key}:${idempotencyKey}`,
  };
  const { id } =
    targetUserId === undefined
      ? await sendGlobalNotification(notification)
      : await sendUserNotification({ ...notification, targetUserId });
  auditTrail.record({
    action: 'notification_sent',
    by: sender.actor,
    subject: targetUserId === undefined ? 'everyone' : `user ${targetUserId}`,
    // What one person gets is theirs; what everybody got is known anyway.
    detail: { id, ...(targetUserId === undefined ? { title: rest.title } : {}) },
  });
  return json({ id }, { status: 201 });
}
