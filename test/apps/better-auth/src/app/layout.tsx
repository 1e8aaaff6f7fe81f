import type { Metadata } from 'next';
import { headers } from 'next/headers';
import { Suspense } from 'react';
import { auth } from '@/lib/auth';
import './globals.css';
import { SignOut } from './sign-out';

export const metadata: Metadata = { title: 'Shop' };

export default function RootLayout({ children }: LayoutProps<'/'>) {
  return (
    <html lang="en" className="h-full antialiased">
      <body className="min-h-full flex flex-col">
        <header className="flex items-center justify-between gap-4 p-4">
          <Suspense>
            <Account />
          </Suspense>
        </header>
        {children}
      </body>
    </html>
  );
}

async function Account() {
  const session = await auth.api.getSession({ headers: await headers() });
  if (!session) return <p>Nobody is signed in</p>;
  return (
    <>
      <p>Hello, {session.user.name}</p>
      <SignOut />
    </>
  );
}
