import { Rich } from '@/components/rich.tsx';
import { currentLanguage } from '@/lib/language/current-language.ts';
import { Demonstrations } from './demonstrations/demonstrations.tsx';
import { InboxSummary } from './inbox-summary.tsx';
import { NewestList } from './newest-list.tsx';
import { SendSample } from './send-sample.tsx';

const TRIALS = ['home.try-tabs', 'home.try-report', 'home.try-connection'] as const;

/** For whoever is signed in: their newest notifications, and something to try them with. */
export async function Home({ name }: { name: string }) {
  const { t } = await currentLanguage();
  return (
    <div className="mx-auto max-w-6xl px-5 py-10 sm:py-12">
      <h1 className="text-4xl font-bold tracking-tight sm:text-5xl">
        <Rich message="home.hello" values={{ name: name.split(' ')[0] ?? name, who: <bdi /> }} />
      </h1>
      <InboxSummary />
      <div className="mt-8 grid grid-cols-[minmax(0,1fr)] gap-x-8 gap-y-10 lg:grid-cols-2">
        <NewestList />
        <section aria-labelledby="demonstrations-heading">
          <h2 id="demonstrations-heading" className="sr-only">
            {t('home.demonstrations')}
          </h2>
          <Demonstrations />
        </section>
      </div>
      <div className="mt-14 grid grid-cols-[minmax(0,1fr)] gap-x-8 gap-y-12 lg:grid-cols-2">
        <section aria-labelledby="try-heading">
          <h2 id="try-heading" className="text-2xl font-semibold tracking-tight">
            {t('home.try')}
          </h2>
          <ol className="mt-4 grid list-none gap-4 text-soft">
            {TRIALS.map((trial, i) => (
              <li key={trial} className="grid grid-cols-[auto_minmax(0,1fr)] gap-3.5">
                <span
                  aria-hidden="true"
                  className="grid h-7 w-6 place-items-center rounded-t-full rounded-b-sm border border-patina pt-0.5 text-xs font-semibold text-verdigris-text"
                >
                  {i + 1}
                </span>
                <span>{t(trial)}</span>
              </li>
            ))}
          </ol>
        </section>
        <section aria-labelledby="send-heading" className="min-w-0">
          <h2 id="send-heading" className="text-2xl font-semibold tracking-tight">
            {t('home.code')}
          </h2>
          <p className="mt-4 mb-4 text-soft">{t('home.code-text')}</p>
          <SendSample />
        </section>
      </div>
    </div>
  );
}
