'use client';

import type { Item, Priority } from 'belfry/react';
import { NotificationItem } from '@/components/notifications/item.tsx';
import { ToastCard } from '@/components/notifications/toasts.tsx';
import { useT } from '@/components/use-t.ts';

interface NoticePreviewProps {
  title: string;
  message: string;
  link: string;
  priority: Priority;
  createdAt: string;
}

const ignore = () => {};

const UNTOUCHED = {
  actions: [],
  groupKey: null,
  seenAt: null,
  readAt: null,
  doneAt: null,
  snoozedUntil: null,
  editedAt: null,
  actedWith: null,
};

/** The draft as people will see it, from the very components that show it. For the eye alone: inert. */
export function NoticePreview({ title, message, link, priority, createdAt }: NoticePreviewProps) {
  const t = useT();
  const text = {
    title: title.trim() || t('admin.preview.title'),
    message: message.trim() || t('admin.preview.message'),
    link: link.trim() || null,
  };
  const notification: Item = {
    id: 0,
    orderId: 0,
    eventType: 'SystemNotification',
    category: '',
    priority,
    createdAt,
    expiresAt: null,
    targetUserId: null,
    payload: text,
    isRecovered: false,
    ...text,
    ...UNTOUCHED,
  };
  return (
    <div inert aria-hidden="true" className="grid gap-6 rounded-2xl bg-sunken p-5 lg:sticky lg:top-20">
      <div>
        <p className="mb-2 text-xs font-medium text-soft">{t('admin.preview.toast')}</p>
        <ToastCard priority={priority} {...text} />
      </div>
      <div>
        <p className="mb-2 text-xs font-medium text-soft">{t('admin.preview.item')}</p>
        <div className="rounded-xl border border-line bg-surface">
          <NotificationItem notification={notification} onDismiss={ignore} />
        </div>
      </div>
    </div>
  );
}
