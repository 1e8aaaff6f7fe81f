import { currentAppearance } from '@/lib/appearance/current-appearance.ts';
import { requireUserPage } from '@/lib/auth/session.ts';
import { currentLanguage } from '@/lib/language/current-language.ts';
import { AppearanceForm } from './appearance-form.tsx';

export async function generateMetadata() {
  const { t } = await currentLanguage();
  return { title: t('appearance.title') };
}

export default async function AppearancePage() {
  await requireUserPage('/settings/appearance');
  const { t } = await currentLanguage();
  return (
    <div className="mx-auto max-w-3xl px-5 py-10 sm:py-14">
      <h1 className="text-4xl font-bold tracking-tight">{t('appearance.title')}</h1>
      <p className="mt-3 mb-10 text-lg text-soft">{t('appearance.text')}</p>
      <AppearanceForm current={await currentAppearance()} />
    </div>
  );
}
