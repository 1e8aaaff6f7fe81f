'use client';

import { SessionProvider, signIn, signOut } from 'next-auth/react';

export { SessionProvider };

export function SignIn({ name }: { name: string }) {
  return (
    <button type="button" onClick={() => signIn('credentials', { name, callbackUrl: '/' })}>
      Sign in as {name}
    </button>
  );
}

export function SignOut() {
  return (
    <button type="button" onClick={() => signOut({ callbackUrl: '/' })}>
      Sign out
    </button>
  );
}
