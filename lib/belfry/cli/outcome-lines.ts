/** What became of files, for people. */
import type { Outcome } from './written-file.ts';

const WORDS: Record<Outcome['became'], [did: string, would: string]> = {
  written: ['written', 'would be written'],
  replaced: ['brought up to date', 'would be brought up to date'],
  same: ['there already', 'there already'],
  other: ['left as it is: another file is there', 'would be left as it is: another file is there'],
};

/** A line for each file, and what to do about those that were left. */
export function outcomeLines(outcomes: readonly Outcome[], { dryRun }: { dryRun: boolean }): string[] {
  const lines = outcomes.map(({ path, became }) => `  ${path}  (${WORDS[became][dryRun ? 1 : 0]})`);
  if (!outcomes.some(({ became }) => became === 'other')) return lines;
  return [
    ...lines,
    '',
    'To have one of those that were left made anew, remove it and run this again. --force renews all that begin with "Made by `npx belfry init`".',
  ];
}
