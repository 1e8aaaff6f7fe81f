import Link from 'next/link';
import type { ComponentProps } from 'react';

const BASE =
  'edge inline-flex min-h-10 max-w-full items-center justify-center gap-2 rounded-lg text-sm font-medium transition-colors duration-150 aria-disabled:cursor-default disabled:cursor-default';

const LOOKS = {
  primary:
    'px-4 bg-verdigris text-on-verdigris hover:bg-verdigris-strong aria-disabled:bg-verdigris-strong active:translate-y-px aria-disabled:translate-y-0',
  plain: 'px-4 border border-control bg-surface text-ink hover:border-verdigris hover:bg-verdigris-wash',
  quiet:
    'px-2.5 text-verdigris-text underline-offset-4 hover:underline disabled:text-soft disabled:no-underline',
};

type Look = keyof typeof LOOKS;

/** For a button that is not one of these. */
export function lookOf(look: Look): string {
  return `${BASE} ${LOOKS[look]}`;
}

export function Button({
  look = 'primary',
  className = '',
  ...rest
}: ComponentProps<'button'> & { look?: Look }) {
  return <button type="button" {...rest} className={`${lookOf(look)} ${className}`} />;
}

export function ButtonLink({
  look = 'primary',
  className = '',
  ...rest
}: ComponentProps<typeof Link> & { look?: Look }) {
  return <Link {...rest} className={`${lookOf(look)} ${className}`} />;
}

/** A small turning ring for a button whose work is under way. */
export function Spinner() {
  return (
    <svg viewBox="0 0 16 16" className="size-4 animate-spin" aria-hidden="true">
      <circle cx="8" cy="8" r="6.25" fill="none" stroke="currentColor" strokeOpacity="0.3" strokeWidth="2" />
      <path
        d="M8 1.75A6.25 6.25 0 0 1 14.25 8"
        fill="none"
        stroke="currentColor"
        strokeWidth="2"
        strokeLinecap="round"
      />
    </svg>
  );
}
