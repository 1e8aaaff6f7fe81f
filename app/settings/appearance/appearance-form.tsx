'use client';

import type { ReactNode } from 'react';
import { Button } from '@/components/ui/button.tsx';
import { useAppearanceForm } from '@/components/use-appearance.ts';
import { useT } from '@/components/use-t.ts';
import { type Appearance, DENSITIES, THEMES, type Theme } from '@/lib/appearance/appearance.ts';

/** Theme and density, each option with a picture of itself. What is chosen shows at once. */
export function AppearanceForm({ current }: { current: Appearance }) {
  const t = useT();
  const { form, problem } = useAppearanceForm();
  return (
    <form {...form} className="grid gap-10">
      <input type="hidden" name="back" value="/settings/appearance" />
      <Choice legend={t('appearance.theme')} hint={t('appearance.theme-text')}>
        {THEMES.map((theme) => (
          <Option
            key={theme}
            name="theme"
            value={theme}
            isChosen={theme === current.theme}
            label={t(`appearance.${theme}`)}
          >
            <ThemePicture theme={theme} />
          </Option>
        ))}
      </Choice>
      <Choice legend={t('appearance.density')} hint={t('appearance.density-text')}>
        {DENSITIES.map((density) => (
          <Option
            key={density}
            name="density"
            value={density}
            isChosen={density === current.density}
            label={t(`appearance.${density}`)}
          >
            <Rows count={density === 'compact' ? 5 : 3} className="bg-paper" />
          </Option>
        ))}
      </Choice>
      <p aria-live="polite" className="text-sm text-critical-text empty:hidden">
        {problem}
      </p>
      <noscript>
        <Button type="submit">{t('appearance.use')}</Button>
      </noscript>
    </form>
  );
}

function Choice({ legend, hint, children }: { legend: string; hint: string; children: ReactNode }) {
  return (
    <fieldset className="min-w-0">
      <legend className="font-display text-2xl font-semibold tracking-tight">{legend}</legend>
      <p className="mt-1 mb-5 text-sm text-soft">{hint}</p>
      <div className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,9rem),1fr))] gap-4">{children}</div>
    </fieldset>
  );
}

interface OptionProps {
  name: string;
  value: string;
  label: string;
  isChosen: boolean;
  /** Its picture. */
  children: ReactNode;
}

function Option({ name, value, label, isChosen, children }: OptionProps) {
  return (
    <label className="edge grid cursor-pointer gap-3 rounded-xl border border-control bg-surface p-3 hover:border-verdigris-text has-checked:border-verdigris-text has-checked:ring-1 has-checked:ring-verdigris-text has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-verdigris-text">
      <span aria-hidden="true" className="block h-24 overflow-hidden rounded-lg border border-line">
        {children}
      </span>
      <span className="flex items-center gap-2.5 text-sm font-medium">
        <input
          type="radio"
          name={name}
          value={value}
          defaultChecked={isChosen}
          className="size-4 accent-verdigris-text outline-none"
        />
        <span>{label}</span>
      </span>
    </label>
  );
}

/** A page in small. The reader's system may have either, so its picture has both. */
function ThemePicture({ theme }: { theme: Theme }) {
  const schemes = theme === 'system' ? (['light', 'dark'] as const) : [theme];
  return (
    <span className="flex h-full">
      {schemes.map((scheme) => (
        <span key={scheme} data-scheme={scheme} className="block flex-1 overflow-hidden bg-paper">
          <Rows count={3} className="bg-paper" />
        </span>
      ))}
    </span>
  );
}

function Rows({ count, className }: { count: number; className: string }) {
  return (
    <span className={`flex h-full flex-col justify-evenly px-3 ${className}`}>
      {Array.from({ length: count }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they never change
        <span key={row} className="flex items-center gap-2">
          <span className="h-3 w-2.5 shrink-0 rounded-t-full rounded-b-xs bg-verdigris" />
          <span className="h-1.5 min-w-0 rounded-full bg-soft" style={{ width: `${80 - row * 12}%` }} />
        </span>
      ))}
    </span>
  );
}
