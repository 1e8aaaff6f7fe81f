import { forbidden } from 'next/navigation';
import { Suspense } from 'react';
import { type CurrentUser, requireUserPage } from '@/lib/auth/session.ts';
import { recentGlobalNotifications } from '@/lib/belfry.ts';
import { currentLanguage } from '@/lib/language/current-language.ts';
import { NoticeForm } from './notice-form.tsx';
import { reachOf } from './reach.ts';
import { RefreshButton } from './refresh-button.tsx';
import { SentLately } from './sent-lately.tsx';

export async function generateMetadata() {
  const { t } = await currentLanguage();
  return { title: t('admin.title') };
}

export default async function AdminPage() {
  const user = await requireUserPage('/admin');
  if (user.role !== 'ADMIN') forbidden();
  const sent = await recentGlobalNotifications(20);
  const { t } = await currentLanguage();
  const now = new Date();
  return (
    <div className="mx-auto max-w-6xl px-5 py-10 sm:py-14">
      <h1 className="text-4xl font-bold tracking-tight sm:text-5xl">{t('admin.heading')}</h1>
      {/* Other instances are asked as well, and one of them may take its time. */}
      <p className="mt-3 mb-10 min-h-8 max-w-2xl text-lg text-soft">
        <Suspense>
          <Reach admin={user} />
        </Suspense>
      </p>
      <NoticeForm
        openedAt={now.toISOString()}
        reach={
          <Suspense>
            <Reach admin={user} />
          </Suspense>
        }
      />
      <section aria-labelledby="sent-heading" className="mt-16">
        <div className="mb-4 flex items-center justify-between gap-4">
          <h2 id="sent-heading" className="text-2xl font-semibold tracking-tight">
            {t('admin.sent.heading')}
          </h2>
          <RefreshButton />
        </div>
        <SentLately sent={sent} now={now} />
      </section>
    </div>
  );
}

async function Reach({ admin }: { admin: CurrentUser }) {
  const { t } = await currentLanguage();
  return <span>{t('admin.reach', await reachOf(admin))}</span>;
}
