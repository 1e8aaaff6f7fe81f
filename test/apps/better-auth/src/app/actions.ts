'use server';

import { eq } from 'drizzle-orm';
import { headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { db } from '@/db';
import { order as orders, user } from '@/db/schema';
import { auth } from '@/lib/auth';

const SELLER = 'ada@example.com';

export async function order() {
  const { customer, seller } = await parties();
  db.transaction((tx) => {
    tx.insert(orders).values({ item: 'Tea', customerId: customer.id, sellerId: seller.id }).run();
  });
}

export async function orderInVain() {
  const { customer, seller } = await parties();
  try {
    db.transaction((tx) => {
      tx.insert(orders).values({ item: 'Gold', customerId: customer.id, sellerId: seller.id }).run();
      throw new Error('Sold out.');
    });
  } catch {
    // The page stays as it is.
  }
}

async function parties() {
  const session = await auth.api.getSession({ headers: await headers() });
  const seller = db.select().from(user).where(eq(user.email, SELLER)).get();
  if (!session || !seller) redirect('/sign-in');
  return { customer: session.user, seller };
}
