import { PrismaAdapter } from '@auth/prisma-adapter';
import NextAuth from 'next-auth';
import { mailbox } from '@/lib/mailbox';
import { prisma } from '@/lib/prisma';

export const { handlers, auth, signIn, signOut } = NextAuth({
  adapter: PrismaAdapter(prisma),
  providers: [
    {
      id: 'email',
      name: 'Email',
      type: 'email',
      maxAge: 60 * 60 * 24,
      sendVerificationRequest: ({ identifier, url }) => void mailbox.set(identifier, url),
    },
  ],
  pages: { verifyRequest: '/check-mail' },
});
