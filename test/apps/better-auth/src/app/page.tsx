import Link from 'next/link';
import { order, orderInVain } from './actions';

export default function Home() {
  return (
    <main className="flex flex-col items-start gap-3 p-4">
      <h1 className="text-3xl font-semibold">Shop</h1>
      <form action={order}>
        <button type="submit" className="rounded border px-3 py-2">
          Order
        </button>
      </form>
      <form action={orderInVain}>
        <button type="submit" className="rounded border px-3 py-2">
          Order what is sold out
        </button>
      </form>
      <Link href="/sign-in" className="underline">
        Sign in
      </Link>
    </main>
  );
}
