/**
 * The six bells of "Plain Bob Minor" as ringers write them down: every row is one change, every line
 * follows one bell through them. Pure decoration, drawn from the method itself.
 */

const BELLS = 6;
const COLUMN = 40;
const ROW = 22;
const PAD = 10;

// Places (0-based) where two neighbours change over; one lead, which is then rung again.
const SWAP_ALL = [0, 2, 4];
const SWAP_INNER = [1, 3];
const SWAP_LEAD_END = [2, 4];

function ringRows(leads: number): number[][] {
  const lead = Array.from({ length: 12 }, (_, i) =>
    i % 2 === 0 ? SWAP_ALL : i === 11 ? SWAP_LEAD_END : SWAP_INNER,
  );
  let row = Array.from({ length: BELLS }, (_, bell) => bell);
  const rows = [row];
  for (let change = 0; change < leads * lead.length; change++) {
    row = [...row];
    for (const place of lead[change % lead.length] ?? []) {
      row.splice(place, 2, ...row.slice(place, place + 2).reverse());
    }
    rows.push(row);
  }
  return rows;
}

function linePath(rows: number[][], bell: number): string {
  return rows
    .map((row, i) => `${i === 0 ? 'M' : 'L'}${PAD + row.indexOf(bell) * COLUMN} ${PAD + i * ROW}`)
    .join('');
}

const OTHERS = [0, 2, 3, 4, 5];
const FOLLOWED = 1;

/** `followed` is how much of the one bronze line is drawn, from 0 to 1. */
export function ChangeRinging({
  leads = 2,
  followed = 1,
  traced = false,
  className = '',
}: {
  leads?: number;
  followed?: number;
  traced?: boolean;
  className?: string;
}) {
  const rows = ringRows(leads);
  const width = PAD * 2 + (BELLS - 1) * COLUMN;
  const height = PAD * 2 + (rows.length - 1) * ROW;
  return (
    <svg
      viewBox={`0 0 ${width} ${height}`}
      className={className}
      aria-hidden="true"
      fill="none"
      strokeLinejoin="round"
    >
      {OTHERS.map((bell) => (
        <path
          key={bell}
          d={linePath(rows, bell)}
          className="stroke-patina"
          strokeOpacity="0.7"
          strokeWidth="1.5"
        />
      ))}
      <path
        d={linePath(rows, FOLLOWED)}
        pathLength="1"
        strokeDasharray="1"
        strokeDashoffset={1 - followed}
        strokeLinecap="round"
        strokeWidth="4"
        className={`stroke-bronze ${traced ? 'animate-trace' : 'transition-[stroke-dashoffset] duration-700 ease-out'}`}
      />
    </svg>
  );
}
