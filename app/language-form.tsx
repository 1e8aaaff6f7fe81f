import { currentLanguage } from '@/lib/language/current-language.ts';
import { languages } from '@/lib/language/languages.ts';
import type { AppMessages } from '@/lib/language/messages.ts';
import { LanguageSelect } from './language-select.tsx';

/** Asks in which language somebody reads, naming each in itself. */
export async function LanguageForm() {
  const { reader } = await currentLanguage();
  const names = languages.names.map((language) => {
    const t = languages.translate<AppMessages>({ ...reader, language, locale: language });
    return { language, name: t('language.name') };
  });
  return <LanguageSelect names={names} current={reader.language} />;
}
