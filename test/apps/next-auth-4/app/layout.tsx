import type { Metadata } from 'next';
import { getServerSession } from 'next-auth';
import { SessionProvider } from '@/components/session';
import { authOptions } from '@/lib/auth';

export const metadata: Metadata = { title: 'Shop' };

export default async function RootLayout({ children }: { children: React.ReactNode }) {
  const session = await getServerSession(authOptions);
  return (
    <html lang="en">
      <body>
        <header>
          <p>{session?.user ? `Hello, ${session.user.name}` : 'Nobody is signed in'}</p>
        </header>
        <SessionProvider>{children}</SessionProvider>
      </body>
    </html>
  );
}
