import { currentPerson } from '@/lib/session';

export const metadata = { title: 'Shop' };

export default async function Layout({ children }) {
  const person = await currentPerson();
  return (
    <html lang="en">
      <body>
        <header>
          <p>{person ? `Hello, ${person}` : 'Nobody is signed in'}</p>
        </header>
        {children}
      </body>
    </html>
  );
}
