/** Writes what was measured into docs/performance.md, between its markers, and draws the chart beside it. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BrowserWeight } from './browser-weight.ts';
import type { FanOut } from './fan-out.ts';
import { type InstancesFigures, instancesTable } from './instances.ts';
import type { CleanUpFigures, ReadFigures, SendFigures } from './store.ts';

const PAGE = fileURLToPath(new URL('../docs/performance.md', import.meta.url));
const CHART = fileURLToPath(new URL('../docs/images/performance.svg', import.meta.url));

export interface Measured {
  fanOut: FanOut[];
  sends: SendFigures;
  reads: ReadFigures[];
  cleanUp: CleanUpFigures;
  weight: BrowserWeight;
}

/** The comparison of one, two and more instances. */
export function writeInstances(rows: readonly InstancesFigures[], costs: string): void {
  writePart('instances', `${measuredOn()}\n\n${instancesTable(rows)}\n\n${costs}\n`);
}

/** Opening streams beside a bare handler. */
export function writeConnects(table: string): void {
  writePart('connects', `${measuredOn()}\n\n${table}\n`);
}

/** Every adapter of a database beside this app's own. */
export function writeAdapters(table: string): void {
  writePart('adapters', `${measuredOn()}\n\n${table}\n`);
}

/** Replaces what stands between two markers of the page. */
function writePart(name: string, text: string): void {
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`];
  const page = readFileSync(PAGE, 'utf8');
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined)
    throw new Error(`${PAGE} has lost its markers ${begin} and ${end}.`);
  writeFileSync(PAGE, `${before}${begin}\n\n${text}\n${end}${after}`);
  // As the checks want every page of the project.
  spawnSync('biome', ['format', '--write', PAGE], { cwd: dirname(dirname(PAGE)) });
}

function measuredOn(): string {
  return `Measured on ${new Date().toISOString().slice(0, 10)} with Node ${process.versions.node} on ${cpus().length} cores (${cpus()[0]?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB.`;
}

export function writeReport(measured: Measured): void {
  writePart('measured', reportText(measured));
  const largest = Math.max(...measured.fanOut.map(({ streams }) => streams));
  writeFileSync(CHART, chart(measured.fanOut.filter(({ streams }) => streams === largest)));
}

export function reportText({ fanOut, sends, reads, cleanUp, weight }: Measured): string {
  const [small, large] = reads;
  return [
    measuredOn(),
    '',
    fanOutTable(fanOut),
    '',
    '| what | figure |',
    '| --- | --- |',
    `| durable sends, 64 in flight | ${round(sends.belfryPerSecond)} a second; a bare better-sqlite3 loop with the same batches and durability ${round(sends.barePerSecond)}: ${(sends.belfryPerSecond / sends.barePerSecond).toFixed(2)} × |`,
    small && large
      ? `| poll of 50 unread | ${round(small.pollMicroseconds)} µs of CPU at ${small.events.toLocaleString('en')} events, ${round(large.pollMicroseconds)} µs at ${large.events.toLocaleString('en')}: ${(large.pollMicroseconds / small.pollMicroseconds).toFixed(2)} × |`
      : '',
    small && large
      ? `| total, dismiss, clear | ${[small, large].map((figures) => `${round(figures.totalMicroseconds)}, ${round(figures.dismissMicroseconds)}, ${round(figures.clearMicroseconds)} µs at ${figures.events.toLocaleString('en')}`).join('; ')} |`
      : '',
    `| clean-up of ${cleanUp.removed.toLocaleString('en')} expired events | ${cleanUp.seconds.toFixed(1)} s; the event loop stood still for ${cleanUp.longestStopMs.toFixed(0)} ms at most |`,
    `| JavaScript added by bell, toasts and stream, libraries included | ${weight.page.toFixed(1)} KB gzipped; ${weight.panel.toFixed(1)} KB more when the panel is opened first; ${weight.inbox.toFixed(1)} KB on the page of the inbox |`,
    '',
  ].join('\n');
}

export function fanOutTable(rows: readonly FanOut[]): string {
  const head =
    '| server | streams | paced CPU µs | paced p50 / p99 ms | burst CPU µs | burst p99 ms | KiB a stream | connects/s | all back after s | CPU ms a connect | lost | doubled | reordered |';
  const lines = rows.map(({ peer, streams, paced, burst, kibPerStream, connectsPerSecond, connectCpu }) =>
    [
      '',
      peer,
      streams.toLocaleString('en'),
      paced.cpu.toFixed(1),
      `${round(paced.p50)} / ${round(paced.p99)}`,
      burst.cpu.toFixed(1),
      round(burst.p99),
      round(kibPerStream),
      round(connectsPerSecond),
      (streams / connectsPerSecond).toFixed(1),
      (connectCpu / 1_000).toFixed(2),
      paced.lost + burst.lost,
      paced.doubled + burst.doubled,
      paced.reordered + burst.reordered,
      '',
    ]
      .join(' | ')
      .trim(),
  );
  return [head, `|${' --- |'.repeat(13)}`, ...lines].join('\n');
}

/** CPU a delivery as bars: paced and burst for each server. */
function chart(rows: readonly FanOut[]): string {
  const barHeight = 16;
  const rowHeight = 52;
  const left = 190;
  const width = 760;
  const most = Math.max(...rows.flatMap(({ paced, burst }) => [paced.cpu, burst.cpu]));
  const scale = (width - left - 70) / most;
  const bars = rows.map(({ peer, paced, burst }, index) => {
    const top = 56 + index * rowHeight;
    const bar = (value: number, y: number, kind: string) =>
      `<rect class="${kind}" x="${left}" y="${y}" width="${(value * scale).toFixed(1)}" height="${barHeight}" rx="3"/><text x="${(left + value * scale + 8).toFixed(1)}" y="${y + 12}">${value.toFixed(1)}</text>`;
    return `<text class="name" x="${left - 12}" y="${top + 22}" text-anchor="end">${peer}</text>${bar(paced.cpu, top, 'paced')}${bar(burst.cpu, top + barHeight + 3, 'burst')}`;
  });
  const height = 64 + rows.length * rowHeight;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="CPU microseconds a delivery, by server">
<style>text{font:13px system-ui,sans-serif;fill:#10211e}.name{font-weight:600}.paced{fill:#0b6b5d}.burst{fill:#c98a3d}@media(prefers-color-scheme:dark){text{fill:#e6f0ed}.paced{fill:#4fc2ad}.burst{fill:#e0a659}}</style>
<text class="name" x="${left}" y="22">CPU µs a delivery, ${rows[0]?.streams.toLocaleString('en')} streams</text>
<rect class="paced" x="${left}" y="32" width="12" height="12" rx="3"/><text x="${left + 18}" y="43">paced</text><rect class="burst" x="${left + 80}" y="32" width="12" height="12" rx="3"/><text x="${left + 98}" y="43">burst</text>
${bars.join('\n')}
</svg>
`;
}

function round(value: number): string {
  return value >= 1_000 ? Math.round(value).toLocaleString('en') : value.toFixed(0);
}
