/** The app's own words, in Traditional Chinese. */
import type { Words } from '../belfry/language/en.ts';
import type { en } from './en.ts';

export const zhTW = {
  // Pages.
  'language.label': '語言',

  // The server.
  'server.form.look-again': '有些欄位需要再看一下。',
} as const satisfies Words<typeof en>;
