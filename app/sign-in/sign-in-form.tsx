'use client';

import { signIn } from 'next-auth/react';
import { useActionState, useRef } from 'react';
import { Button, Spinner } from '@/components/ui/button.tsx';
import { Code } from '@/components/ui/code.tsx';
import { TextField } from '@/components/ui/field.tsx';
import { useT } from '@/components/use-t.ts';
import { pathAfterSignIn, signInSentence } from '@/lib/auth/sign-in-form.ts';

interface SignInFormProps {
  callbackUrl: string | null;
  /** What next-auth had to say when it sent somebody here. */
  firstProblem: string | null;
  /** Accounts to try the app with; their password, where it is no secret. */
  demo: {
    password: string | null;
    accounts: readonly { email: string; name: string; role: string }[];
  } | null;
}

interface Attempt {
  problem: string | null;
  /** Whether the problem is what was typed. */
  refused: boolean;
  email: string;
  leaving: boolean;
}

export function SignInForm({ callbackUrl, firstProblem, demo }: SignInFormProps) {
  const t = useT();
  const email = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);

  const [attempt, submit, pending] = useActionState(
    async (_previous: Attempt, form: FormData): Promise<Attempt> => {
      const typed = { email: String(form.get('email')).trim(), password: String(form.get('password')) };
      const state = { problem: null, refused: false, email: typed.email, leaving: false };
      if (!typed.email || !typed.password) {
        (typed.email ? password : email).current?.focus();
        return { ...state, problem: t('sign-in.missing'), refused: true };
      }
      const error = await trySignIn(typed);
      if (error === null) {
        // A whole new document, so that nothing of the signed-out pages stays in the router's memory.
        window.location.assign(pathAfterSignIn(callbackUrl, window.location.origin));
        return { ...state, leaving: true };
      }
      const refused = error === 'CredentialsSignin';
      if (refused) password.current?.focus();
      const problem = error === 'unreachable' ? t('error.unreachable') : signInSentence(error, t);
      return { ...state, problem, refused };
    },
    { problem: firstProblem, refused: false, email: '', leaving: false },
  );
  const busy = pending || attempt.leaving;

  function fillIn(account: { email: string }) {
    if (!email.current || !password.current || !demo) return;
    email.current.value = account.email;
    password.current.value = demo.password ?? '';
    if (demo.password === null) password.current.focus();
    else email.current.form?.querySelector<HTMLButtonElement>('[type=submit]')?.focus();
  }

  const described = {
    'aria-invalid': attempt.refused || undefined,
    'aria-describedby': attempt.problem ? 'sign-in-problem' : undefined,
  };

  return (
    <>
      <form action={submit} noValidate className="grid gap-5">
        {attempt.problem && !pending && (
          <p
            id="sign-in-problem"
            role="alert"
            className="edge rounded-lg bg-critical-wash px-4 py-3 text-sm text-critical-text"
          >
            {attempt.problem}
          </p>
        )}
        <TextField
          ref={email}
          id="email"
          name="email"
          label={t('sign-in.email')}
          type="email"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          defaultValue={attempt.email}
          {...described}
        />
        <TextField
          ref={password}
          id="password"
          name="password"
          label={t('sign-in.password')}
          type="password"
          autoComplete="current-password"
          required
          {...described}
        />
        <Button
          type="submit"
          aria-disabled={busy}
          onClick={(event) => busy && event.preventDefault()}
          className="min-h-11"
        >
          {busy && <Spinner />}
          <span>{t('button.sign-in')}</span>
        </Button>
      </form>
      {demo && (
        <section aria-labelledby="demo-heading" className="mt-10 border-t border-line pt-6">
          <h2 id="demo-heading" className="text-base font-semibold">
            {t('sign-in.demo')}
          </h2>
          <p className="mt-1 text-sm text-soft">
            {t(demo.password === null ? 'sign-in.demo-secret' : 'sign-in.demo-public')}
          </p>
          <p className="mt-1 text-[0.8125rem] text-ink">
            <Code>{demo.password ?? 'npm run demo-password'}</Code>
          </p>
          <ul className="mt-4 grid gap-2">
            {demo.accounts.map((account) => (
              <li key={account.email}>
                <button
                  type="button"
                  onClick={() => fillIn(account)}
                  className="flex min-h-12 w-full items-center justify-between gap-3 rounded-lg border border-line bg-surface px-4 py-1.5 text-start hover:border-verdigris hover:bg-verdigris-wash"
                >
                  <span className="min-w-0">
                    <span className="block text-sm font-medium wrap-anywhere">{account.name}</span>
                    <span className="block text-xs wrap-anywhere text-soft">{account.email}</span>
                  </span>
                  {account.role === 'ADMIN' && (
                    <span className="text-xs font-medium text-bronze-text">{t('menu.administrator')}</span>
                  )}
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

/** Null once signed in, else next-auth's error or `unreachable`. */
async function trySignIn(typed: { email: string; password: string }): Promise<string | null> {
  try {
    // Asked first: without an answer, next-auth's signIn() leaves for an error page.
    const answer = await fetch('/api/auth/csrf', { cache: 'no-store' });
    if (!answer.ok) return 'unreachable';
    const result = await signIn('credentials', { ...typed, redirect: false });
    return result ? (result.error ?? (result.ok ? null : 'unreachable')) : 'unreachable';
  } catch {
    return 'unreachable';
  }
}
