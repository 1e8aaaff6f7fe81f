/** What the compiler refuses of what the server says. It checks this file with all others; nothing here is run. */
import { z } from 'zod';
import { type MessageKey, toMessage } from '../../lib/belfry/language/message.ts';
import { lineOfText } from '../../lib/belfry/protocol/text.ts';
import * as app from '../../lib/language/languages.ts';
import type { AppMessageKey } from '../../lib/language/messages.ts';

toMessage('server.belfry.not-signed-in');
app.toMessage('server.belfry.not-signed-in');
app.toMessage('server.send.too-many', { most: 10, seconds: 3 });
// @ts-expect-error No message has this key.
toMessage('server.belfry.nothing-of-the-kind');
// @ts-expect-error Belfry does not know the app's words.
toMessage('server.send.possible');
// @ts-expect-error It is given a method and what is allowed.
toMessage('server.belfry.method');
// @ts-expect-error Seconds are a number.
app.toMessage('server.send.too-many', { most: 10, seconds: 'three' });

const missing = 'server.belfry.title-missing';
lineOfText({ max: 10, missing, tooLong: 'server.belfry.title-too-long' });
lineOfText<AppMessageKey>({ max: 10, missing, tooLong: 'server.auth.name-too-long' });
// @ts-expect-error A text that is no key.
lineOfText({ max: 10, missing, tooLong: 'Keep it short.' });
// @ts-expect-error A key that is none.
z.string('server.belfry.nothing-of-the-kind' satisfies MessageKey);
