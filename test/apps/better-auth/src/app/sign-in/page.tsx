'use client';

import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { authClient } from '@/lib/auth-client';

const FIELD = 'rounded border px-3 py-2';
const BUTTON = 'rounded bg-foreground px-3 py-2 text-background';

export default function SignIn() {
  const router = useRouter();
  const [failure, setFailure] = useState('');

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const { submitter } = event.nativeEvent as SubmitEvent;
    const form = new FormData(event.currentTarget, submitter);
    const [name, email, password] = ['name', 'email', 'password'].map((field) => String(form.get(field)));
    const { error } =
      form.get('way') === 'up'
        ? await authClient.signUp.email({ name, email, password })
        : await authClient.signIn.email({ email, password });
    if (error) return setFailure(error.message ?? 'Try again.');
    router.push('/');
    router.refresh();
  }

  return (
    <main className="p-4">
      <form onSubmit={submit} className="flex max-w-xs flex-col gap-3">
        <input name="name" aria-label="Name" placeholder="Name, for a new account" className={FIELD} />
        <input name="email" aria-label="Email" placeholder="Email" type="email" required className={FIELD} />
        <input
          name="password"
          aria-label="Password"
          placeholder="Password"
          type="password"
          required
          className={FIELD}
        />
        <button type="submit" className={BUTTON}>
          Sign in
        </button>
        <button type="submit" name="way" value="up" className={BUTTON}>
          Sign up
        </button>
        <p role="alert">{failure}</p>
      </form>
    </main>
  );
}
