import { connection } from 'next/server';
import { mailbox } from '@/lib/mailbox';

export default async function Page() {
  await connection();
  return (
    <main>
      {[...mailbox].map(([address, url]) => (
        <p key={address}>
          To {address}: <a href={url}>sign in</a>
        </p>
      ))}
    </main>
  );
}
