import type { Metadata } from 'next';
import { auth } from '@/auth';

export const metadata: Metadata = { title: 'Shop' };

export default async function RootLayout({ children }: { children: React.ReactNode }) {
  const session = await auth();
  return (
    <html lang="en">
      <body>
        <header>
          <p>{session?.user ? `Hello, ${session.user.email}` : 'Nobody is signed in'}</p>
        </header>
        {children}
      </body>
    </html>
  );
}
