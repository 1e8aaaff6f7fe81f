/** The files that the command line writes, and by what it knows its own. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readIfThere } from './app-files.ts';

/** A file that an app is to have. */
export interface WrittenFile {
  /** From the app's root. */
  path: string;
  text: string;
  /** Only Belfry's own, without anything to fill in: it is brought up to date without being asked. Default: it is the app's from then on. */
  isGenerated?: boolean;
  /** For its developer to fill in: once it is there nothing replaces it. */
  isFilledIn?: boolean;
  /** The text is what is there, and something after it. */
  isAppended?: boolean;
}

/** What became of one. `other`: there is a file that differs, and it was left as it is. */
export interface Outcome {
  path: string;
  became: 'written' | 'replaced' | 'same' | 'other';
}

/** How a file that `init` wrote begins, in the comments of its language. */
export function mark(version: string): string {
  return `Made by \`npx belfry init\` (belfry ${version})`;
}

/** The version that wrote a file; null for one that somebody else wrote. */
export function markedVersion(text: string): string | null {
  return /Made by `npx belfry init` \(belfry ([\w.+-]+)\)/.exec(text.slice(0, 500))?.[1] ?? null;
}

/**
 * Writes what is not there. What is there and differs is left, unless it is Belfry's own: generated, or, with `force`,
 * written by `init`.
 */
export function writeFiles(
  folder: string,
  files: readonly WrittenFile[],
  { force = false, dryRun = false }: { force?: boolean; dryRun?: boolean } = {},
): Outcome[] {
  return files.map((file) => {
    const { path, text } = file;
    const became = whatBecomes(readIfThere(folder, path), file, force);
    if (!dryRun && (became === 'written' || became === 'replaced')) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    return { path, became };
  });
}

/** Whether two texts differ in nothing but the ends of their lines: git gives a file those of Windows there. */
export function isSameText(one: string, other: string): boolean {
  return one.replaceAll('\r\n', '\n') === other.replaceAll('\r\n', '\n');
}

function whatBecomes(there: string | null, file: WrittenFile, force: boolean): Outcome['became'] {
  const { text, isGenerated = false, isFilledIn = false, isAppended = false } = file;
  if (there === null) return 'written';
  if (isSameText(there, text)) return 'same';
  if (isAppended) return 'replaced';
  if (isGenerated && there.slice(0, 500).includes('`npx belfry generate`')) return 'replaced';
  if (markedVersion(there) === null) return 'other';
  if (isFilledIn) return 'same';
  return force ? 'replaced' : 'other';
}
