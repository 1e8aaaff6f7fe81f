import { auth, signIn, signOut } from '@/auth';
import { order, orderInVain } from './actions';

const PEOPLE = ['ada@example.com', 'ben@example.com'];

export default async function Page() {
  const session = await auth();
  if (!session?.user) {
    return (
      <main>
        {PEOPLE.map((email) => (
          <form
            key={email}
            action={async () => {
              'use server';
              await signIn('email', { email, redirectTo: '/' });
            }}
          >
            <button type="submit">Sign in as {email}</button>
          </form>
        ))}
      </main>
    );
  }
  return (
    <main>
      <form action={order}>
        <button type="submit">Order</button>
      </form>
      <form action={orderInVain}>
        <button type="submit">Order what is sold out</button>
      </form>
      <form
        action={async () => {
          'use server';
          await signOut({ redirectTo: '/' });
        }}
      >
        <button type="submit">Sign out</button>
      </form>
    </main>
  );
}
