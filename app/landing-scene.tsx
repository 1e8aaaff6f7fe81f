'use client';

import { type CSSProperties, useEffect, useRef, useState } from 'react';
import { PriorityMark } from '@/components/notifications/priority-mark.tsx';
import { ChangeRinging } from '@/components/ui/change-ringing.tsx';
import { useT } from '@/components/use-t.ts';
import { FIRST_STEP, type Row, STEPS, STILL_STEP } from './landing-story.ts';

// Room for a title and a line of text.
const ROW_REM = 4.5;

/**
 * The product at work, as a picture that moves: a bell in its tower, its panel and a toast. Nothing in it can be pressed
 * or has the focus, and everything has its place from the start: only opacity and transforms change.
 */
export function LandingScene() {
  const t = useT();
  const figure = useRef<HTMLElement>(null);
  const { step, isPlaying, canPlay, toggle } = useStory(figure);
  const { rows, toast, unread, rings } = STEPS[step] ?? FIRST_STEP;
  return (
    <figure ref={figure} className="w-full max-w-md justify-self-center lg:justify-self-end">
      <div role="img" aria-label={t('landing.scene')}>
        <div
          aria-hidden="true"
          inert
          className="relative h-136 overflow-clip rounded-t-[14rem] rounded-b-2xl border border-line bg-sunken text-start select-none"
        >
          <ChangeRinging
            leads={2}
            className="absolute start-1/2 top-0 h-full -translate-x-1/2 opacity-60 rtl:translate-x-1/2"
          />
          <Bell unread={unread} ringing={rings ? step : 0} />
          <div className="edge absolute inset-x-5 top-38 h-78 overflow-clip rounded-2xl bg-surface shadow-lifted sm:inset-x-7">
            <p className="flex h-12 items-center gap-3 border-b border-line px-4 font-display font-semibold">
              <span>{t('belfry.panel.title')}</span>
              <span className="rounded-full bg-verdigris-wash px-2 py-0.5 font-sans text-xs text-verdigris-text tabular-nums">
                {unread}
              </span>
            </p>
            {ROWS.map((name) => {
              const place = rows.findIndex((row) => row.name === name);
              return <SceneRow key={name} name={name} row={rows[place]} place={place} />;
            })}
          </div>
          <Toast name={toast} />
        </div>
      </div>
      <figcaption className="mt-3 flex min-h-10 items-center justify-between gap-4 text-xs text-soft">
        <span>{t('landing.scene-caption')}</span>
        {canPlay && (
          <button
            type="button"
            onClick={toggle}
            className="min-h-9 rounded-lg px-2.5 font-medium text-verdigris-text hover:underline"
          >
            {t(isPlaying ? 'landing.pause' : 'landing.play')}
          </button>
        )}
      </figcaption>
    </figure>
  );
}

const ROWS = ['import', 'invoice', 'comment', 'question', 'deployed'] as const;

/** Hangs in the arch, and swings when something arrives. */
function Bell({ unread, ringing }: { unread: number; ringing: number }) {
  return (
    <div className="absolute inset-x-0 top-0 grid justify-items-center">
      <svg key={ringing} viewBox="0 0 96 144" className="h-36 w-24" aria-hidden="true" fill="none">
        <path d="M48 0v36" className="stroke-bronze" strokeWidth="2.5" />
        <g className={ringing ? 'animate-toll' : undefined} style={{ transformOrigin: '48px 34px' }}>
          <path
            d="M48 34c-17 0-25 12-26.5 28-1.5 17-4 24-10 31-2 2.5 0 6 3 6h67c3 0 5-3.5 3-6-6-7-8.5-14-10-31C73 46 65 34 48 34z"
            className="fill-verdigris"
          />
          <circle cx="48" cy="108" r="8" className="fill-bronze" />
        </g>
      </svg>
      <span
        className="edge absolute top-20 ms-14 min-w-6 rounded-full bg-ink px-1.5 text-center text-sm leading-6 font-semibold text-paper tabular-nums ring-3 ring-sunken transition-opacity duration-300"
        style={{ opacity: unread > 0 ? 1 : 0 }}
      >
        {unread}
      </span>
    </div>
  );
}

function SceneRow({
  name,
  row,
  place,
}: {
  name: (typeof ROWS)[number];
  row: Row | undefined;
  /** From the top; -1 when it is not there. */
  place: number;
}) {
  const t = useT();
  const isThere = place >= 0;
  const style: CSSProperties = {
    transform: `translateY(${Math.max(place, 0) * ROW_REM}rem)`,
    opacity: isThere ? 1 : 0,
  };
  const text = row?.as ?? name;
  return (
    <div
      style={style}
      className="absolute inset-x-0 top-12 flex h-18 gap-3 border-b border-line bg-surface px-4 py-2.5 transition-[transform,opacity] duration-500 ease-out"
    >
      <PriorityMark priority={name === 'question' ? 'HIGH' : name === 'import' ? 'LOW' : 'NORMAL'} />
      <span className="min-w-0 flex-1 text-sm leading-snug">
        <span className="flex items-center gap-2">
          <span className="truncate font-semibold">{t(`landing.scene-${text}`)}</span>
          <span
            className="ms-auto size-2 shrink-0 rounded-full bg-verdigris transition-opacity duration-300"
            style={{ opacity: row?.isRead ? 0 : 1 }}
          />
        </span>
        <span className="mt-0.5 block truncate text-soft">{t(`landing.scene-${text}-text`)}</span>
      </span>
    </div>
  );
}

/** Comes up from below. The last one stays in place while it fades, so that it does not change its words on the way. */
function Toast({ name }: { name: 'question' | 'deployed' | 'comments' | null }) {
  const t = useT();
  const [last, setLast] = useState(name);
  if (name !== null && name !== last) setLast(name);
  const shown = name ?? last ?? 'question';
  return (
    <div
      style={{ opacity: name ? 1 : 0, transform: name ? 'none' : 'translateY(1rem)' }}
      className="edge absolute inset-x-3 bottom-3 flex h-31 gap-3 rounded-xl bg-surface p-4 shadow-lifted transition-[transform,opacity] duration-300 ease-out sm:inset-x-auto sm:end-4 sm:w-80"
    >
      <PriorityMark priority={shown === 'question' ? 'HIGH' : 'NORMAL'} />
      <span className="min-w-0 flex-1 text-sm leading-snug">
        <span className="block truncate font-semibold">{t(`landing.scene-${shown}`)}</span>
        <span className="mt-0.5 block truncate text-soft">{t(`landing.scene-${shown}-text`)}</span>
        <span
          className="mt-3 flex gap-2 text-xs font-medium"
          style={{ visibility: shown === 'question' ? 'inherit' : 'hidden' }}
        >
          <span className="rounded-md border border-control px-3 py-1.5">{t('landing.scene-deploy')}</span>
          <span className="rounded-md border border-control px-3 py-1.5">{t('landing.scene-wait')}</span>
        </span>
      </span>
    </div>
  );
}

/** Goes through the story while somebody can see it, and wants things to move. As the server draws it, it stands still. */
function useStory(figure: React.RefObject<HTMLElement | null>) {
  const [step, setStep] = useState(STILL_STEP);
  const [canPlay, setCanPlay] = useState(false);
  const [isWanted, setWanted] = useState(true);
  const [isSeen, setSeen] = useState(false);

  useEffect(() => {
    const motion = window.matchMedia('(prefers-reduced-motion: no-preference)');
    const follow = () => {
      setCanPlay(motion.matches);
      if (!motion.matches) setStep(STILL_STEP);
    };
    follow();
    motion.addEventListener('change', follow);
    return () => motion.removeEventListener('change', follow);
  }, []);

  useEffect(() => {
    const element = figure.current;
    if (!element) return;
    let isOnScreen = false;
    const look = () => setSeen(isOnScreen && document.visibilityState === 'visible');
    const observer = new IntersectionObserver(([entry]) => {
      isOnScreen = entry?.isIntersecting ?? false;
      look();
    });
    observer.observe(element);
    document.addEventListener('visibilitychange', look);
    return () => {
      observer.disconnect();
      document.removeEventListener('visibilitychange', look);
    };
  }, [figure]);

  const isPlaying = canPlay && isWanted;
  useEffect(() => {
    if (!isPlaying || !isSeen) return;
    const lastsMs = STEPS[step]?.lastsMs ?? FIRST_STEP.lastsMs;
    const timer = setTimeout(() => setStep((step + 1) % STEPS.length), lastsMs);
    return () => clearTimeout(timer);
  }, [isPlaying, isSeen, step]);

  return { step, canPlay, isPlaying, toggle: () => setWanted((wanted) => !wanted) };
}
