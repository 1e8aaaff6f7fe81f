'use server';

import { revalidatePath } from 'next/cache';
import { headers } from 'next/headers';
import { actorOf } from '@/lib/auth/actor.ts';
import { auditTrail } from '@/lib/auth/audit.ts';
import { consumeSend } from '@/lib/auth/send-limit.ts';
import { requireAdmin } from '@/lib/auth/session.ts';
import { isolated } from '@/lib/belfry/protocol/isolated.ts';
import { sendGlobalNotification } from '@/lib/belfry.ts';
import { formAction } from '@/lib/http/form-action.ts';
import { toMessage } from '@/lib/language/languages.ts';
import { EXPIRY_SECONDS, noticeForm } from './notice-form-schema.ts';
import { reachOf } from './reach.ts';

/** Whether a notification could be sent as it stands, and whom it would reach: before a person is asked whether they mean it. */
export const checkNotice = formAction(requireAdmin, noticeForm, async (_notice, admin) =>
  toMessage('admin.reach', await reachOf(admin)),
);

export const sendNotice = formAction(
  requireAdmin,
  noticeForm,
  async ({ expires, draftId, ...notice }, admin) => {
    await consumeSend(`user:${admin.id}`);
    const { id } = await sendGlobalNotification({
      ...notice,
      expiresIn: EXPIRY_SECONDS[expires],
      sentBy: admin.name,
      idempotencyKey: `notice:${admin.id}:${draftId}`,
    });
    auditTrail.record({
      action: 'notification_sent',
      by: actorOf({ name: admin.email, userId: admin.id }, await headers()),
      subject: 'everyone',
      detail: { id, title: notice.title },
    });
    revalidatePath('/admin');
    return toMessage('server.send.sent', { title: isolated(notice.title) });
  },
);
