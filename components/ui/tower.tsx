/**
 * The house of the bell, for pages that have nothing else to show: what is up there says what happened. Decorative; the
 * words stand beside it.
 */
export type TowerState = 'empty' | 'shut' | 'locked' | 'fallen';

export function Tower({ state, className = '' }: { state: TowerState; className?: string }) {
  return (
    <svg
      viewBox="0 0 240 280"
      className={className}
      aria-hidden="true"
      fill="none"
      strokeLinecap="round"
      strokeLinejoin="round"
      strokeWidth="3"
    >
      <path d="M30 270V120a90 90 0 0 1 180 0v150" className="fill-sunken stroke-patina" />
      <path d="M54 270V122a66 66 0 0 1 132 0v148z" className="fill-paper stroke-patina" />
      {/* The stones of the arch. */}
      <path
        d="M120 30v26M67 47l14 22M173 47l-14 22M37 86l23 12M203 86l-23 12M30 140h24M210 140h-24M30 190h24M210 190h-24M30 236h24M210 236h-24"
        className="stroke-patina"
      />
      <path d="M12 270h216" className="stroke-patina" />
      <path d="M54 116h132" className="stroke-bronze" strokeWidth="5" />
      <g>{INSIDE[state]}</g>
    </svg>
  );
}

const BELL =
  'M0 0c-17 0-25 12-26.5 28-1.5 17-4 24-10 31-2 2.5 0 6 3 6h67c3 0 5-3.5 3-6-6-7-8.5-14-10-31C25 12 17 0 0 0z';

const INSIDE = {
  // Only the rope is there.
  empty: (
    <>
      <path d="M120 118v22" className="stroke-bronze" />
      <path d="M113 140a7 7 0 1 0 14 0" className="stroke-bronze" />
      <path
        d={BELL}
        transform="translate(120 152)"
        className="stroke-patina"
        strokeDasharray="5 8"
        strokeWidth="2.5"
      />
    </>
  ),
  // Behind shutters.
  shut: (
    <>
      <path d="M120 118v28" className="stroke-bronze" />
      <path d={BELL} transform="translate(120 146)" className="fill-verdigris-wash stroke-verdigris-text" />
      <path
        d="M70 118v150M95 118v150M145 118v150M170 118v150M56 160h128M56 226h128"
        className="stroke-ink"
        strokeWidth="4"
      />
    </>
  ),
  // The door is shut, and has a keyhole.
  locked: (
    <>
      <path d="M56 118h128v150H56z" className="fill-verdigris stroke-verdigris" />
      <path d="M98.7 120v146M141.3 120v146" className="stroke-on-verdigris" strokeWidth="1.5" />
      <circle cx="120" cy="184" r="15" className="fill-bronze" />
      <path d="M120 181v9" className="stroke-ink" strokeWidth="5" />
    </>
  ),
  // Down on its side, the rope torn.
  fallen: (
    <>
      <path d="M120 118c-3 9 4 13 0 24" className="stroke-bronze" />
      <g transform="translate(156 252) rotate(108)">
        <path d={BELL} className="fill-verdigris-wash stroke-verdigris-text" />
        <path d="m-6 24 9 9-6 8 8 10" className="stroke-verdigris-text" strokeWidth="2" />
      </g>
      <circle cx="72" cy="260" r="8" className="fill-bronze" />
    </>
  ),
} as const;
