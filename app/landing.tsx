import { ButtonLink } from '@/components/ui/button.tsx';
import { ChangeRinging } from '@/components/ui/change-ringing.tsx';
import { findDemoAccounts } from '@/lib/auth/demo-accounts.ts';
import { db } from '@/lib/database/db.ts';
import { SendSample } from './send-sample.tsx';

const PROMISES = [
  {
    title: 'Once, everywhere',
    text: 'Two tabs, a phone, a lost connection: each notification reaches each person once, and what is dismissed in one place is gone in all.',
  },
  {
    title: 'Kept before it is announced',
    text: 'A notification is in the database before anybody hears of it. Pull the plug, and it is still there.',
  },
  {
    title: 'Your own database',
    text: 'No service to pay, no broker to run. It needs a file on your disk, and nothing else.',
  },
];

/** For visitors: what this is, in a few words. */
export async function Landing() {
  const hasDemoAccounts = (await findDemoAccounts(db)).length > 0;
  return (
    <div className="mx-auto max-w-6xl px-5">
      <div className="grid grid-cols-[minmax(0,1fr)] items-center gap-x-12 py-14 sm:py-20 lg:grid-cols-[minmax(0,1fr)_auto]">
        <div>
          <h1 className="max-w-xl text-5xl leading-[1.02] font-bold tracking-tight sm:text-7xl">
            Every notification rings once.
          </h1>
          <p className="mt-6 max-w-xl text-lg text-soft">
            Belfry is a Next.js app with notifications built in: live toasts, a bell whose number is true, and
            an inbox that loses nothing. Clone it, and grow your app around it.
          </p>
          <div className="mt-8 flex flex-wrap items-center gap-x-5 gap-y-3">
            <ButtonLink href="/sign-in" className="min-h-12 px-6 text-base">
              Sign in
            </ButtonLink>
            {hasDemoAccounts && (
              <p className="text-sm text-soft">This copy has demo accounts ready to use.</p>
            )}
          </div>
        </div>
        <figure className="max-lg:hidden">
          <ChangeRinging leads={2} traced className="h-120" />
          <figcaption className="mt-4 max-w-60 text-xs text-soft">
            Six church bells changing places; the bronze line follows one of them. “Plain Bob Minor”, as
            ringers write it down.
          </figcaption>
        </figure>
      </div>
      <section aria-labelledby="promises" className="border-t border-line py-14">
        <h2 id="promises" className="sr-only">
          What it promises
        </h2>
        <dl className="grid gap-y-8">
          {PROMISES.map(({ title, text }) => (
            <div key={title} className="grid gap-x-12 gap-y-1 md:grid-cols-[minmax(0,2fr)_minmax(0,3fr)]">
              <dt className="font-display text-2xl font-semibold tracking-tight">{title}</dt>
              <dd className="max-w-2xl text-soft">{text}</dd>
            </div>
          ))}
        </dl>
      </section>
      <section aria-labelledby="sending" className="border-t border-line py-14">
        <h2 id="sending" className="text-2xl font-semibold tracking-tight">
          Sending one
        </h2>
        <p className="mt-2 mb-6 max-w-2xl text-soft">
          From any server action or route. When the call returns, it is stored; whoever is there sees it at
          once, whoever is not finds it later.
        </p>
        <SendSample />
      </section>
    </div>
  );
}
