'use client';

import { useActionState, useRef } from 'react';
import { Button, Spinner } from '@/components/ui/button.tsx';
import { TextField } from '@/components/ui/field.tsx';
import { useT } from '@/components/use-t.ts';
import { changePassword } from './actions.ts';
import { whyItFailed } from './failed-action.ts';

const FIELDS = ['current', 'password', 'again'] as const;

export function PasswordForm({ email }: { email: string }) {
  const t = useT();
  const form = useRef<HTMLFormElement>(null);
  const [result, submit, pending] = useActionState(
    async (_previous: Awaited<ReturnType<typeof changePassword>>, data: FormData) => {
      const result = await changePassword(null, data).catch((error) => whyItFailed(error, t));
      if (result && !result.ok) {
        const name = FIELDS.find((field) => result.fieldErrors[field]);
        const field = name && form.current?.elements.namedItem(name);
        if (field instanceof HTMLElement) field.focus();
      }
      return result;
    },
    null,
  );
  const errors = result && !result.ok ? result.fieldErrors : {};

  return (
    <form ref={form} action={submit} noValidate className="grid max-w-md gap-5">
      {/* For password managers: whose it is. */}
      <input type="email" autoComplete="username" defaultValue={email} readOnly hidden />
      <TextField
        id="current"
        name="current"
        label={t('account.current')}
        type="password"
        autoComplete="current-password"
        error={errors.current?.[0]}
        required
      />
      <TextField
        id="password"
        name="password"
        label={t('account.new')}
        type="password"
        autoComplete="new-password"
        hint={t('account.new-hint')}
        error={errors.password?.[0]}
        required
      />
      <TextField
        id="again"
        name="again"
        label={t('account.again')}
        type="password"
        autoComplete="new-password"
        error={errors.again?.[0]}
        required
      />
      <div className="flex flex-wrap items-center gap-x-5 gap-y-3">
        <Button type="submit" aria-disabled={pending} onClick={(event) => pending && event.preventDefault()}>
          {pending && <Spinner />}
          <span>{t('account.change')}</span>
        </Button>
        <div aria-live="polite" className="min-w-0 flex-1 basis-60 text-sm">
          {result && !pending && (
            <p className={result.ok ? 'text-verdigris-text' : 'text-critical-text'}>{result.message}</p>
          )}
        </div>
      </div>
    </form>
  );
}
