import { redirect } from 'next/navigation';
import { ChangeRinging } from '@/components/ui/change-ringing.tsx';
import { findDemoAccounts, publicDemoPassword } from '@/lib/auth/demo-accounts.ts';
import { getCurrentUser } from '@/lib/auth/session.ts';
import { pathAfterSignIn, signInSentence } from '@/lib/auth/sign-in-form.ts';
import { db } from '@/lib/database/db.ts';
import { currentLanguage } from '@/lib/language/current-language.ts';
import { SignInForm } from './sign-in-form.tsx';

export async function generateMetadata() {
  const { t } = await currentLanguage();
  return { title: t('sign-in.title') };
}

// The server does not know its own: only paths are followed here.
const ANY_ORIGIN = 'https://this-site.invalid';

interface SignInPageProps {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export default async function SignInPage({ searchParams }: SignInPageProps) {
  const { callbackUrl: given, error } = await searchParams;
  const callbackUrl = typeof given === 'string' ? given : null;
  if (await getCurrentUser()) redirect(pathAfterSignIn(callbackUrl, ANY_ORIGIN));
  const { t } = await currentLanguage();
  const accounts = await findDemoAccounts(db);
  return (
    <div className="mx-auto grid max-w-6xl grid-cols-[minmax(0,1fr)] items-center gap-x-20 px-5 py-12 sm:py-20 lg:grid-cols-[minmax(0,26rem)_minmax(0,1fr)]">
      <div className="w-full max-w-md">
        <h1 className="text-4xl font-semibold tracking-tight">{t('sign-in.title')}</h1>
        <p className="mt-2 mb-8 text-soft">{t('sign-in.text')}</p>
        <SignInForm
          callbackUrl={callbackUrl}
          firstProblem={signInSentence(typeof error === 'string' ? error : null, t)}
          demo={accounts.length > 0 ? { password: publicDemoPassword(), accounts } : null}
        />
      </div>
      <div className="grid min-w-0 grid-cols-[minmax(0,1fr)] place-items-center self-stretch rounded-2xl border border-line bg-sunken py-12 max-lg:hidden">
        <ChangeRinging leads={2} traced className="h-128 max-w-full" />
      </div>
    </div>
  );
}
