import {
  BelfryError,
  isBelfryError,
  type NotificationPayload,
  type NotificationType,
  SystemNotification,
} from 'belfry';
import { z } from 'zod';
// What may be sent is listed there.
import '@/app/event-types.ts';
import { requireAdminOrToken } from '@/lib/auth/admin-or-token.ts';
import { auditTrail } from '@/lib/auth/audit.ts';
import { consumeSend } from '@/lib/auth/send-limit.ts';
import { readJson } from '@/lib/belfry/http/read-request.ts';
import { deliverySchema, idempotencyKeySchema, parseSending } from '@/lib/belfry/notifications/sending.ts';
import { notificationPayload, partsOf } from '@/lib/belfry/notifications/system-notification.ts';
import { type Audience, audienceSchema, userIdSchema } from '@/lib/belfry/protocol/audience.ts';
import { notify } from '@/lib/belfry.ts';
import { eventTypes } from '@/lib/config/event-types.ts';
import { requireSameOrigin } from '@/lib/http/origin.ts';
import { json, route } from '@/lib/http/route.ts';
import { toMessage } from '@/lib/language/languages.ts';
import type { AppMessageKey } from '@/lib/language/messages.ts';

// The sender stands before it where it is kept.
const LONGEST_KEY = 255;
// Ten thousand ids of 36 characters, and the rest.
const MAX_BODY_BYTES = 1_048_576;

const addressing = deliverySchema.omit({ sentBy: true, askedBy: true }).extend({
  to: audienceSchema.optional(),
  targetUserId: userIdSchema.optional(),
  audience: z.literal('all', 'server.send.audience' satisfies AppMessageKey).optional(),
  idempotencyKey: idempotencyKeySchema(LONGEST_KEY).optional(),
});

function saysToWhomOnce({ to, targetUserId, audience }: z.output<typeof addressing>): boolean {
  return [to, targetUserId, audience].filter((who) => who !== undefined).length === 1;
}

const AT_TO = { message: 'server.send.to' satisfies AppMessageKey, path: ['to'] };

/** A `SystemNotification`, said in short. */
const written = notificationPayload.extend(addressing.shape).strict().refine(saysToWhomOnce, AT_TO);

/** A notification of any type. */
const ofType = addressing
  .extend({ type: z.string('server.send.type' satisfies AppMessageKey), payload: z.unknown() })
  .strict()
  .refine(saysToWhomOnce, AT_TO);

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route({ POST: send });

async function send(request: Request): Promise<Response> {
  const sender = await requireAdminOrToken(request, 'send');
  if (sender.isSession) requireSameOrigin(request.headers);
  await consumeSend(sender.key);
  const { type, payload, to, targetUserId, audience: _, idempotencyKey, ...delivery } = await read(request);
  const audience: Audience = to ?? (targetUserId === undefined ? 'everyone' : { user: targetUserId });
  const { id } = await namingField(targetUserId === undefined ? null : 'targetUserId', () =>
    notify(type, {
      ...delivery,
      to: audience,
      payload,
      sentBy: sender.name,
      askedBy: sender.key,
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
    detail: { id, ...planned, ...(audience === 'everyone' ? whatIsSaid(type, payload) : {}) },
  });
  return json({ id, ...planned }, { status: 201 });
}

async function read(request: Request) {
  const said = await readJson(request, z.looseObject({}), { maxBytes: MAX_BODY_BYTES });
  if (!('type' in said || 'payload' in said)) {
    const { payload, delivery } = partsOf(parseSending(written, said, { toMessage }));
    return { type: SystemNotification as NotificationType, payload: payload as unknown, ...delivery };
  }
  const { type: name, payload: given, ...delivery } = parseSending(ofType, said, { toMessage });
  const type = eventTypes.notification(name);
  return { type, payload: eventTypes.parsePayload(name, given, 'payload'), ...delivery };
}

function whatIsSaid({ name }: NotificationType, payload: unknown): { title: string } | { type: string } {
  return name === SystemNotification.name
    ? { title: (payload as NotificationPayload).title }
    : { type: name };
}

/** Has a refusal of the audience name the field that the caller used. */
async function namingField<T>(field: string | null, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const sentences = isBelfryError(error, 'invalid_input') ? error.fieldWordings?.['to.user'] : undefined;
    if (field === null || sentences === undefined) throw error;
    throw new BelfryError('invalid_input', sentences[0] ?? '', { fieldErrors: { [field]: sentences } });
  }
}

function subjectOf(audience: Audience): string {
  if (audience === 'everyone') return 'everyone';
  if ('user' in audience) return `user ${audience.user}`;
  return 'users' in audience ? `${audience.users.length} users` : `topic ${audience.topic}`;
}
