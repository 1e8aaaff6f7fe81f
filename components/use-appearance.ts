'use client';

import { type FormEvent, useState } from 'react';
import { type Appearance, appearanceIn, chosenIn } from '@/lib/appearance/appearance.ts';
import { show } from './appearance.tsx';
import { useT } from './use-t.ts';

/**
 * For a form that chooses how the pages look: what is chosen shows at once, and is kept. Without scripts the form is sent
 * as forms are.
 *
 * @returns Its properties, and why the choice could not be kept, where it could not.
 */
export function useAppearanceForm() {
  const t = useT();
  const [problem, setProblem] = useState<string | null>(null);

  async function keep(data: FormData): Promise<void> {
    try {
      const body = new URLSearchParams([...data].map(([name, value]) => [name, String(value)]));
      // Where it leads on to is of no use here, and whoever is signed in may not be sent there.
      const { type } = await fetch('/api/appearance', { method: 'POST', body, redirect: 'manual' });
      if (type !== 'opaqueredirect') throw new Error('It was refused.');
      setProblem(null);
    } catch {
      setProblem(t('appearance.not-kept'));
    }
  }

  function onChange({ currentTarget }: FormEvent<HTMLFormElement>): void {
    const data = new FormData(currentTarget);
    const chosen: Appearance = { ...appearanceIn(document.cookie), ...chosenIn(data) };
    show(chosen);
    void keep(data);
  }

  return { form: { action: '/api/appearance', method: 'post', onChange } as const, problem };
}
