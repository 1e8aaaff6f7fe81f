import { getServerSession } from 'next-auth';
import { SignIn, SignOut } from '@/components/session';
import { authOptions } from '@/lib/auth';
import { order, orderInVain } from './actions';

export default async function Page() {
  const session = await getServerSession(authOptions);
  if (!session?.user) {
    return (
      <main>
        <SignIn name="ada" />
        <SignIn name="ben" />
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
      <SignOut />
    </main>
  );
}
