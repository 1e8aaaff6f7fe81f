'use client';

import { useCallback, useState } from 'react';
import { useTranslate } from './language.tsx';

/** Tries what the server may refuse, and keeps the sentence of the last refusal until the next try. */
export function useAttempt() {
  const t = useTranslate();
  const [problem, setProblem] = useState<string | null>(null);
  /** Does not reject. */
  const attempt = useCallback(
    async (work: () => Promise<unknown>): Promise<void> => {
      setProblem(null);
      try {
        await work();
      } catch (error) {
        setProblem(error instanceof Error ? error.message : t('belfry.attempt.failed'));
      }
    },
    [t],
  );
  return { problem, attempt };
}
