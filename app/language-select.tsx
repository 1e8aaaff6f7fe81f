'use client';

import { usePathname } from 'next/navigation';
import { Button } from '@/components/ui/button.tsx';
import { SelectField } from '@/components/ui/field.tsx';
import { useT } from '@/components/use-t.ts';

interface LanguageSelectProps {
  names: { language: string; name: string }[];
  current: string;
}

/** A plain form, and so a whole new document: nothing of the page stays in the other language. */
export function LanguageSelect({ names, current }: LanguageSelectProps) {
  const t = useT();
  return (
    <form action="/api/language" method="post" className="flex w-80 max-w-full flex-wrap items-end gap-3">
      <input type="hidden" name="back" value={usePathname()} />
      <div className="min-w-0 flex-1 basis-40">
        <SelectField
          id="language"
          name="language"
          label={t('language.label')}
          defaultValue={current}
          autoComplete="language"
        >
          {names.map(({ language, name }) => (
            <option key={language} value={language} lang={language}>
              {name}
            </option>
          ))}
        </SelectField>
      </div>
      <Button type="submit" look="plain" className="min-h-11">
        {t('language.use')}
      </Button>
    </form>
  );
}
