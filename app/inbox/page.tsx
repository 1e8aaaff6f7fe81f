import { NotificationInbox } from '@/components/notifications/inbox.tsx';
import { requireUserPage } from '@/lib/auth/session.ts';
import { currentLanguage } from '@/lib/language/current-language.ts';

export async function generateMetadata() {
  const { t } = await currentLanguage();
  return { title: t('inbox.title') };
}

export default async function InboxPage() {
  await requireUserPage('/inbox');
  const { t } = await currentLanguage();
  return (
    <div className="mx-auto max-w-3xl px-5 py-10 sm:py-14">
      <h1 className="mb-6 text-4xl font-bold tracking-tight">{t('inbox.title')}</h1>
      <NotificationInbox />
    </div>
  );
}
