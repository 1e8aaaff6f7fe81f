import { NotificationSettings } from '@/components/notifications/settings.tsx';
import { requireUserPage } from '@/lib/auth/session.ts';
import { currentLanguage } from '@/lib/language/current-language.ts';

export async function generateMetadata() {
  const { t } = await currentLanguage();
  return { title: t('settings.notifications-title') };
}

export default async function NotificationSettingsPage() {
  await requireUserPage('/settings/notifications');
  const { t } = await currentLanguage();
  return (
    <div className="mx-auto max-w-3xl px-5 py-10 sm:py-14">
      <h1 className="text-4xl font-bold tracking-tight">{t('settings.notifications-title')}</h1>
      <p className="mt-3 mb-10 text-lg text-soft">{t('settings.notifications-text')}</p>
      <NotificationSettings />
    </div>
  );
}
