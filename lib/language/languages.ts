/** The languages of this app. Another one is a file beside en.ts, and its line here. */
import { en as ofBelfry } from '../belfry/language/en.ts';
import { Languages } from '../belfry/language/languages.ts';
import { createToMessage } from '../belfry/language/message.ts';
import { processSingleton } from '../config/process-singleton.ts';
import { en } from './en.ts';
import type { AppMessages } from './messages.ts';
import { zhTW } from './zh-TW.ts';

export const languages = processSingleton('languages', () => new Languages({ en, 'zh-TW': zhTW }));

/** Chooses a message of the server. */
export const toMessage = createToMessage<AppMessages>({ ...ofBelfry, ...en });
