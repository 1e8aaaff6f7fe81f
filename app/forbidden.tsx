import { ButtonLink } from '@/components/ui/button.tsx';
import { MessagePage } from '@/components/ui/message-page.tsx';
import { currentLanguage } from '@/lib/language/current-language.ts';

export async function generateMetadata() {
  const { t } = await currentLanguage();
  return { title: t('forbidden.title') };
}

export default async function Forbidden() {
  const { t } = await currentLanguage();
  return (
    <MessagePage sign="403" tower="shut" title={t('forbidden.heading')}>
      <p className="mt-3 mb-8 text-lg text-soft">{t('forbidden.text')}</p>
      <ButtonLink href="/">{t('button.home')}</ButtonLink>
    </MessagePage>
  );
}
