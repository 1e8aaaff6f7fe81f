'use client';

import { useTranslate, useTranslateRich } from 'belfry/react';
import type { AppMessages } from '@/lib/language/messages.ts';

/** Says messages in the language of the page. */
export const useT = () => useTranslate<AppMessages>();

/** The same, of messages with tags. */
export const useRichT = () => useTranslateRich<AppMessages>();
