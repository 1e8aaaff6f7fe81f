import '@fontsource-variable/bricolage-grotesque/opsz.css';
import '@fontsource-variable/geist/wght.css';
import './globals.css';
import { LanguageProvider } from 'belfry/react';
import type { Metadata, Viewport } from 'next';
import type { ReactNode } from 'react';
import { SiteHeader } from '@/components/site-header.tsx';
import { getCurrentUser } from '@/lib/auth/session.ts';
import { env } from '@/lib/config/env.ts';
import { eventTypes as registry } from '@/lib/config/event-types.ts';
import { currentLanguage } from '@/lib/language/current-language.ts';
import { languages } from '@/lib/language/languages.ts';
import { eventTypes } from './event-types.ts';
import { LanguageForm } from './language-form.tsx';
import { SignedIn } from './signed-in.tsx';

export async function generateMetadata(): Promise<Metadata> {
  const { t } = await currentLanguage();
  return { title: { default: 'Belfry', template: '%s · Belfry' }, description: t('site.description') };
}

export const viewport: Viewport = {
  colorScheme: 'light dark',
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#f6faf9' },
    { media: '(prefers-color-scheme: dark)', color: '#071311' },
  ],
};

export default async function RootLayout({ children }: { children: ReactNode }) {
  const user = await getCurrentUser();
  const { reader, t } = await currentLanguage();
  const language = languages.languageOf(reader);
  const page = (
    <>
      <a
        href="#main"
        className="edge fixed start-2 top-2 z-50 -translate-y-20 rounded-lg bg-ink px-4 py-2 text-sm font-medium text-paper focus:translate-y-0"
      >
        {t('nav.skip')}
      </a>
      <SiteHeader user={user && { name: user.name, email: user.email, role: user.role }} />
      <main id="main" tabIndex={-1} className="outline-none">
        {children}
      </main>
      {!user && (
        <footer className="mx-auto max-w-6xl px-5 pb-10">
          <LanguageForm />
        </footer>
      )}
    </>
  );
  return (
    <html lang={language.locale} dir={language.direction} data-version={env.version}>
      <body>
        {user ? (
          <SignedIn
            userKey={user.key}
            language={language}
            eventTypes={eventTypes.map(({ name }) => name)}
            categories={registry.categories()}
          >
            {page}
          </SignedIn>
        ) : (
          <LanguageProvider language={language}>{page}</LanguageProvider>
        )}
      </body>
    </html>
  );
}
