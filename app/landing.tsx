import { ButtonLink } from '@/components/ui/button.tsx';
import { findDemoAccounts } from '@/lib/auth/demo-accounts.ts';
import { db } from '@/lib/database/db.ts';
import { currentLanguage } from '@/lib/language/current-language.ts';
import { LandingScene } from './landing-scene.tsx';
import { SendSample } from './send-sample.tsx';

const PROMISES = ['once', 'kept', 'own'] as const;

/** For visitors: what this is, in a few words. */
export async function Landing() {
  const { t } = await currentLanguage();
  const hasDemoAccounts = (await findDemoAccounts(db)).length > 0;
  return (
    <div className="mx-auto max-w-6xl px-5">
      <div className="grid grid-cols-[minmax(0,1fr)] items-center gap-x-12 gap-y-14 py-12 sm:py-16 lg:grid-cols-[minmax(0,1fr)_28rem]">
        <div>
          <h1 className="max-w-xl text-5xl leading-[1.02] font-bold tracking-tight sm:text-7xl">
            {t('landing.heading')}
          </h1>
          <p className="mt-6 max-w-xl text-lg text-soft">{t('landing.text')}</p>
          <div className="mt-8 flex flex-wrap items-center gap-x-5 gap-y-3">
            <ButtonLink href="/sign-in" className="min-h-12 px-6 text-base">
              {t('button.sign-in')}
            </ButtonLink>
            {hasDemoAccounts && <p className="text-sm text-soft">{t('landing.demo')}</p>}
          </div>
        </div>
        <LandingScene />
      </div>
      <section aria-labelledby="promises" className="border-t border-line py-14">
        <h2 id="promises" className="sr-only">
          {t('landing.promises')}
        </h2>
        <dl className="grid gap-y-8">
          {PROMISES.map((promise) => (
            <div key={promise} className="grid gap-x-12 gap-y-1 md:grid-cols-[minmax(0,2fr)_minmax(0,3fr)]">
              <dt className="font-display text-2xl font-semibold tracking-tight">
                {t(`landing.${promise}`)}
              </dt>
              <dd className="max-w-2xl text-soft">{t(`landing.${promise}-text`)}</dd>
            </div>
          ))}
        </dl>
      </section>
      <section aria-labelledby="sending" className="border-t border-line py-14">
        <h2 id="sending" className="text-2xl font-semibold tracking-tight">
          {t('landing.sending')}
        </h2>
        <p className="mt-2 mb-6 max-w-2xl text-soft">{t('landing.sending-text')}</p>
        <SendSample />
      </section>
    </div>
  );
}
