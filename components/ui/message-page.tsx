import type { ReactNode } from 'react';

/** A page that says one thing: what happened, and how to go on. */
export function MessagePage({ sign, title, children }: { sign: string; title: string; children: ReactNode }) {
  return (
    <div className="mx-auto max-w-6xl px-5 py-16 sm:py-24">
      <div className="grid max-w-xl justify-items-start">
        <p
          aria-hidden="true"
          className="mb-8 grid h-24 w-20 place-items-center rounded-t-full rounded-b-md border-2 border-patina pt-3 font-display text-2xl font-semibold text-verdigris-text"
        >
          {sign}
        </p>
        <h1 className="text-4xl font-semibold tracking-tight">{title}</h1>
        {children}
      </div>
    </div>
  );
}
