'use client';

import '@fontsource-variable/bricolage-grotesque/opsz.css';
import '@fontsource-variable/geist/wght.css';
import './globals.css';
import { Button } from '@/components/ui/button.tsx';
import { MessagePage } from '@/components/ui/message-page.tsx';

/** In place of the whole document, when the layout itself failed: for example while the database is away. */
export default function GlobalError({ retry }: { error: unknown; retry: () => void }) {
  return (
    <html lang="en">
      <body>
        <title>Belfry is not answering</title>
        <main>
          <MessagePage sign="500" title="Belfry is not answering properly">
            <p className="mt-3 mb-8 text-lg text-soft">
              Something failed on our side. Your notifications are safe in the database. Try again in a
              moment.
            </p>
            <Button onClick={retry}>Try again</Button>
          </MessagePage>
        </main>
      </body>
    </html>
  );
}
