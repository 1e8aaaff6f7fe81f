import { ButtonLink } from '@/components/ui/button.tsx';
import { MessagePage } from '@/components/ui/message-page.tsx';
import { currentLanguage } from '@/lib/language/current-language.ts';

export async function generateMetadata() {
  const { t } = await currentLanguage();
  return { title: t('unauthorized.title') };
}

export default async function Unauthorized() {
  const { t } = await currentLanguage();
  return (
    <MessagePage sign="401" tower="locked" title={t('unauthorized.heading')}>
      <p className="mt-3 mb-8 text-lg text-soft">{t('unauthorized.text')}</p>
      <ButtonLink href="/sign-in">{t('button.sign-in')}</ButtonLink>
    </MessagePage>
  );
}
