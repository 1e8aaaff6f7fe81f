/** The table of attacks in SECURITY.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Taken } from '../faults/runner.ts';

const DOCUMENT = fileURLToPath(new URL('../../SECURITY.md', import.meta.url));
const BEGIN = '<!-- The table below is written by `npm run test:security -- --write`. -->';
const END = '<!-- The end of the table. -->';

/** Puts the results in the place of the last ones. What one attack gave on both paths stands in one row. */
export function writeTable(taken: readonly Taken[], { short }: { short: boolean }): void {
  const document = readFileSync(DOCUMENT, 'utf8');
  const begin = document.indexOf(BEGIN);
  const end = document.indexOf(END);
  if (begin < 0 || end < begin) throw new Error('SECURITY.md has lost the two comments around its table.');
  const form = short ? 'the short form, on the path that the app takes by itself' : 'the full form';
  const when = `Taken on ${new Date().toISOString().slice(0, 10)}, in ${form}.`;
  const parts = [BEGIN, when, tableOf(taken), document.slice(end)];
  writeFileSync(DOCUMENT, document.slice(0, begin) + parts.join('\n\n'));
}

function tableOf(taken: readonly Taken[]): string {
  const names = [...new Set(taken.map(({ fault }) => fault.name))];
  const rows = names.map((name) => {
    const own = taken.filter(({ fault }) => fault.name === name);
    const [{ fault } = { fault: null }] = own;
    const results = [...new Set(own.map(resultOf))].join('; ');
    return [`\`${name}\`: ${fault?.breaks}`, fault?.bound ?? '', results].map(cell).join(' | ');
  });
  return ['Attack | What has to hold | Result', '--- | --- | ---', ...rows]
    .map((row) => `| ${row} |`)
    .join('\n');
}

function resultOf({ broken, passed, figure, skipped, fault, streamPath }: Taken): string {
  if (skipped !== undefined) return `not tried: ${skipped}`;
  const verdict =
    broken.length + passed.length === 0 ? figure : `**broken**: ${[...broken, ...passed].join(' ')}`;
  return fault.dependsOnStreamPath ? `${verdict} (${streamPath})` : verdict;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ');
}
