'use server';

import { getServerSession } from 'next-auth';
import { authOptions } from '@/lib/auth';
import { prisma } from '@/lib/prisma';

const SOLD_OUT = ['Gold'];

export async function order() {
  await placeOrder('Tea');
}

export async function orderInVain() {
  await placeOrder('Gold').catch(() => {});
}

async function placeOrder(item: string) {
  const session = await getServerSession(authOptions);
  const buyer = await prisma.user.findUniqueOrThrow({ where: { name: session?.user?.name ?? '' } });
  const seller = await prisma.user.findUniqueOrThrow({ where: { name: 'ada' } });
  await prisma.$transaction(async (tx) => {
    await tx.order.create({ data: { item, buyerId: buyer.id, sellerId: seller.id } });
    if (SOLD_OUT.includes(item)) throw new Error('Sold out.');
  });
}
