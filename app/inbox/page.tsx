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
    // What sticks to the top of the screen here stands below the header, which does so too.
    <div className="mx-auto max-w-3xl px-3 py-8 [--notifications-sticky-top:3.8125rem] sm:px-5 sm:py-12 low:[--notifications-sticky-top:0px]">
      <h1 className="mb-5 px-2 text-4xl font-bold tracking-tight sm:px-0">{t('inbox.title')}</h1>
      <NotificationInbox />
    </div>
  );
}
