'use client';

import type { TranslateToNodes } from 'belfry/react';
import type { AppMessages } from '@/lib/language/messages.ts';
import { useRichT } from './use-t.ts';

type Values = Parameters<TranslateToNodes<AppMessages>>[1];

/** A message with tags, for what the server draws too. */
export function Rich({ message, values }: { message: keyof AppMessages; values: Values }) {
  return useRichT()(message, values);
}
