import '@fontsource-variable/bricolage-grotesque/opsz.css';
import '@fontsource-variable/geist/wght.css';
import './globals.css';
import { LanguageProvider } from 'belfry/react';
import type { Metadata, Viewport } from 'next';
import type { ReactNode } from 'react';
import { AppearanceOfOtherTabs } from '@/components/appearance.tsx';
import { LastLanguage } from '@/components/last-language.tsx';
import { SiteHeader } from '@/components/site-header.tsx';
import { paperOf, schemeOf } from '@/lib/appearance/appearance.ts';
import { currentAppearance } from '@/lib/appearance/current-appearance.ts';
import { getCurrentUser } from '@/lib/auth/session.ts';
import { env } from '@/lib/config/env.ts';
import { eventTypes as registry } from '@/lib/config/event-types.ts';
import { currentLanguage } from '@/lib/language/current-language.ts';
import { languages } from '@/lib/language/languages.ts';
import { eventTypes } from './event-types.ts';
import { LanguageForm } from './language-form.tsx';
import { SignedIn } from './signed-in.tsx';
import { ThemeSelect } from './theme-select.tsx';

export async function generateMetadata(): Promise<Metadata> {
  const { t } = await currentLanguage();
  return { title: { default: 'Belfry', template: '%s · Belfry' }, description: t('site.description') };
}

export async function generateViewport(): Promise<Viewport> {
  const { theme } = await currentAppearance();
  const paper = paperOf(theme);
  return {
    colorScheme: schemeOf(theme),
    themeColor: [
      { media: '(prefers-color-scheme: light)', color: paper.light },
      { media: '(prefers-color-scheme: dark)', color: paper.dark },
    ],
  };
}

export default async function RootLayout({ children }: { children: ReactNode }) {
  const user = await getCurrentUser();
  const { reader, t } = await currentLanguage();
  const language = languages.languageOf(reader);
  const { theme, density } = await currentAppearance();
  const page = (
    <>
      <a
        href="#main"
        className="edge fixed start-2 top-2 z-50 -translate-y-20 rounded-lg bg-ink px-4 py-2 text-sm font-medium text-paper focus:translate-y-0"
      >
        {t('nav.skip')}
      </a>
      <AppearanceOfOtherTabs />
      <LastLanguage locale={language.locale} />
      <SiteHeader user={user && { name: user.name, email: user.email, role: user.role }} />
      <main id="main" tabIndex={-1} className="outline-none">
        {children}
      </main>
      {!user && (
        <footer className="mx-auto max-w-6xl px-5">
          <div className="flex flex-wrap gap-x-8 gap-y-5 border-t border-line py-8">
            <LanguageForm />
            <ThemeSelect current={theme} />
          </div>
        </footer>
      )}
    </>
  );
  return (
    <html
      lang={language.locale}
      dir={language.direction}
      data-version={env.version}
      data-theme={theme === 'system' ? undefined : theme}
      data-density={density === 'comfortable' ? undefined : density}
    >
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
