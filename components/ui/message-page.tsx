import type { ReactNode } from 'react';
import { Tower, type TowerState } from './tower.tsx';

interface MessagePageProps {
  /** The status, in digits. */
  sign: string;
  /** What one finds in the tower. */
  tower: TowerState;
  title: string;
  children: ReactNode;
}

/** A page that says one thing: what happened, and how to go on. */
export function MessagePage({ sign, tower, title, children }: MessagePageProps) {
  return (
    <div className="mx-auto grid max-w-6xl grid-cols-[minmax(0,1fr)] items-center gap-x-16 gap-y-8 px-5 py-12 sm:grid-cols-[auto_minmax(0,1fr)] sm:py-20 lg:gap-x-24 lg:px-16">
      <Tower state={tower} className="h-44 sm:h-72" />
      <div className="grid max-w-xl justify-items-start">
        <p aria-hidden="true" className="mb-2 text-sm font-semibold text-bronze-text tabular-nums">
          {sign}
        </p>
        <h1 className="text-4xl font-semibold tracking-tight sm:text-5xl">{title}</h1>
        {children}
      </div>
    </div>
  );
}
