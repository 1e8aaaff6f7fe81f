import { ButtonLink } from '@/components/ui/button.tsx';
import { MessagePage } from '@/components/ui/message-page.tsx';
import { currentLanguage } from '@/lib/language/current-language.ts';

export async function generateMetadata() {
  const { t } = await currentLanguage();
  return { title: t('not-found.title') };
}

export default async function NotFound() {
  const { t } = await currentLanguage();
  return (
    <MessagePage sign="404" tower="empty" title={t('not-found.heading')}>
      <p className="mt-3 mb-8 text-lg text-soft">{t('not-found.text')}</p>
      <ButtonLink href="/">{t('button.home')}</ButtonLink>
    </MessagePage>
  );
}
