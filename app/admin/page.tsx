import { SystemNotification } from 'belfry';
import type { Metadata } from 'next';
import { forbidden } from 'next/navigation';
import { requireUserPage } from '@/lib/auth/session.ts';
import { connectedUsers, recentGlobalNotifications } from '@/lib/belfry.ts';
import { NoticeForm } from './notice-form.tsx';
import { RefreshButton } from './refresh-button.tsx';
import { SentLately } from './sent-lately.tsx';

export const metadata: Metadata = { title: 'Admin' };

export default async function AdminPage() {
  const user = await requireUserPage('/admin');
  if (user.role !== 'ADMIN') forbidden();
  const [sent, listening] = await Promise.all([
    recentGlobalNotifications(20),
    connectedUsers(SystemNotification),
  ]);
  const now = new Date();
  return (
    <div className="mx-auto max-w-6xl px-5 py-10 sm:py-14">
      <h1 className="text-4xl font-bold tracking-tight sm:text-5xl">Ring for everyone</h1>
      <p className="mt-3 mb-10 max-w-2xl text-lg text-soft">
        {`${listeningSentence(listening.length)} Everybody else finds the notice when they come back, unless it has expired.`}
      </p>
      <NoticeForm openedAt={now.toISOString()} />
      <section aria-labelledby="sent-heading" className="mt-16">
        <div className="mb-4 flex items-center justify-between gap-4">
          <h2 id="sent-heading" className="text-2xl font-semibold tracking-tight">
            Sent lately
          </h2>
          <RefreshButton />
        </div>
        <SentLately sent={sent} now={now} />
      </section>
    </div>
  );
}

function listeningSentence(count: number) {
  if (count === 0) return 'Nobody is listening now.';
  return count === 1
    ? '1 person is listening now.'
    : `${count.toLocaleString('en-GB')} people are listening now.`;
}
