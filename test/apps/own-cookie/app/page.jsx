import { currentPerson, PEOPLE } from '@/lib/session';
import { order, orderInVain } from './actions';

export default async function Page() {
  const person = await currentPerson();
  if (!person) {
    return (
      <main>
        {PEOPLE.map((each) => (
          <form key={each} action="/shop/sign-in" method="post">
            <button type="submit" name="person" value={each}>{`Sign in as ${each}`}</button>
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
      <form action="/shop/sign-out" method="post">
        <button type="submit">Sign out</button>
      </form>
    </main>
  );
}
