import type { Metadata } from 'next';
import { NotificationInbox } from '@/components/notifications/inbox.tsx';
import { requireUserPage } from '@/lib/auth/session.ts';

export const metadata: Metadata = { title: 'Inbox' };

export default async function InboxPage() {
  await requireUserPage('/inbox');
  return (
    <div className="mx-auto max-w-3xl px-5 py-10 sm:py-14">
      <h1 className="mb-6 text-4xl font-bold tracking-tight">Inbox</h1>
      <NotificationInbox />
    </div>
  );
}
