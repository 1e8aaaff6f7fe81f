import '@fontsource-variable/bricolage-grotesque/opsz.css';
import '@fontsource-variable/geist/wght.css';
import './globals.css';
import type { Metadata, Viewport } from 'next';
import type { ReactNode } from 'react';
import { SiteHeader } from '@/components/site-header.tsx';
import { getCurrentUser } from '@/lib/auth/session.ts';
import { env } from '@/lib/config/env.ts';
import { eventTypes } from './event-types.ts';
import { SignedIn } from './signed-in.tsx';

export const metadata: Metadata = {
  title: { default: 'Belfry', template: '%s · Belfry' },
  description:
    'A Next.js app with notifications built in: live toasts, a bell with a true count, an inbox that loses nothing.',
};

export const viewport: Viewport = {
  colorScheme: 'light dark',
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#f6faf9' },
    { media: '(prefers-color-scheme: dark)', color: '#071311' },
  ],
};

export default async function RootLayout({ children }: { children: ReactNode }) {
  const user = await getCurrentUser();
  const page = (
    <>
      <a
        href="#main"
        className="edge fixed top-2 left-2 z-50 -translate-y-20 rounded-lg bg-ink px-4 py-2 text-sm font-medium text-paper focus:translate-y-0"
      >
        Skip to the content
      </a>
      <SiteHeader user={user && { name: user.name, email: user.email, role: user.role }} />
      <main id="main" tabIndex={-1} className="outline-none">
        {children}
      </main>
    </>
  );
  return (
    <html lang="en" data-version={env.version}>
      <body>
        {user ? (
          <SignedIn userKey={user.key} eventTypes={eventTypes.map(({ name }) => name)}>
            {page}
          </SignedIn>
        ) : (
          page
        )}
      </body>
    </html>
  );
}
