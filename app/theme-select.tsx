'use client';

import { usePathname } from 'next/navigation';
import { Button } from '@/components/ui/button.tsx';
import { SelectField } from '@/components/ui/field.tsx';
import { useAppearanceForm } from '@/components/use-appearance.ts';
import { useT } from '@/components/use-t.ts';
import { THEMES, type Theme } from '@/lib/appearance/appearance.ts';

/** For visitors: light, dark, or as their system has it. */
export function ThemeSelect({ current }: { current: Theme }) {
  const t = useT();
  const { form, problem } = useAppearanceForm();
  return (
    <form {...form} className="flex w-48 max-w-full flex-wrap items-end gap-3">
      <input type="hidden" name="back" value={usePathname()} />
      <div className="min-w-0 flex-1 basis-40">
        <SelectField
          id="theme"
          name="theme"
          label={t('appearance.theme')}
          defaultValue={current}
          error={problem ?? undefined}
        >
          {THEMES.map((theme) => (
            <option key={theme} value={theme}>
              {t(`appearance.${theme}`)}
            </option>
          ))}
        </SelectField>
      </div>
      <noscript>
        <Button type="submit" look="plain" className="min-h-11">
          {t('appearance.use')}
        </Button>
      </noscript>
    </form>
  );
}
