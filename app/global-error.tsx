'use client';

import '@fontsource-variable/bricolage-grotesque/opsz.css';
import '@fontsource-variable/geist/wght.css';
import './globals.css';
import { lastLanguage } from '@/components/last-language.tsx';
import { Button } from '@/components/ui/button.tsx';
import { MessagePage } from '@/components/ui/message-page.tsx';
import { appearanceIn } from '@/lib/appearance/appearance.ts';
import { GLOBAL_ERROR, languageOfError } from '@/lib/language/global-error.ts';

/** In place of the whole document, when the layout itself failed: for example while the database is away. */
export default function GlobalError({ retry }: { error: unknown; retry: () => void }) {
  // Drawn by the browser alone: the server answers with an empty document then.
  const isBrowser = typeof window !== 'undefined';
  const language = languageOfError(isBrowser ? [lastLanguage(), ...navigator.languages] : []);
  const { theme } = appearanceIn(isBrowser ? document.cookie : '');
  const words = GLOBAL_ERROR[language];
  return (
    <html lang={language} data-theme={theme === 'system' ? undefined : theme}>
      <body>
        <title>{words.title}</title>
        <main>
          <MessagePage sign="500" tower="fallen" title={words.heading}>
            <p className="mt-3 mb-8 text-lg text-soft">{words.text}</p>
            <Button onClick={retry}>{words.again}</Button>
          </MessagePage>
        </main>
      </body>
    </html>
  );
}
