import { InboxSummary } from './inbox-summary.tsx';
import { ReportCard } from './report-card.tsx';
import { SendSample } from './send-sample.tsx';

/** For whoever is signed in: their inbox in a sentence, and something to try it with. */
export function Home({ name }: { name: string }) {
  return (
    <div className="mx-auto max-w-6xl px-5 py-10 sm:py-14">
      <h1 className="text-4xl font-bold tracking-tight sm:text-5xl">
        <span>Hello, </span>
        <bdi>{name.split(' ')[0]}</bdi>
        <span>.</span>
      </h1>
      <InboxSummary />
      <ReportCard />
      <div className="mt-14 grid gap-x-14 gap-y-12 md:grid-cols-2">
        <section aria-labelledby="try-heading">
          <h2 id="try-heading" className="text-2xl font-semibold tracking-tight">
            See for yourself
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
                <span>{trial}</span>
              </li>
            ))}
          </ol>
        </section>
        <section aria-labelledby="send-heading" className="min-w-0">
          <h2 id="send-heading" className="text-2xl font-semibold tracking-tight">
            From your code
          </h2>
          <p className="mt-4 mb-4 text-soft">
            Call this in any server action or route. When it returns, nothing can lose it.
          </p>
          <SendSample />
        </section>
      </div>
    </div>
  );
}

const TRIALS = [
  'Open a second tab. Whatever you dismiss here is gone there as well.',
  'Start the report and close every tab. Its notification waits until you are back.',
  'Cut the connection for a minute. The bell catches up and nothing comes twice.',
];
