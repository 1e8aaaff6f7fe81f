/** Reads an app's files. Paths are from its root, with `/`. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Exported } from './app.ts';

const NOT_SOURCES = new Set(['node_modules', 'dist', 'build', 'out', 'coverage', 'public', 'generated']);
const CODE = /\.[cm]?[jt]sx?$/;
// A folder with more is not only an app: what is looked for is found by hand then.
const MOST_FILES = 5_000;

/** A file of the app's code. */
export interface Code {
  file: string;
  text: string;
}

/** The text of a file, without the mark for Unicode that programs on Windows begin one with; null when it is not there. */
export function readIfThere(folder: string, file: string): string | null {
  try {
    return readFileSync(join(folder, file), 'utf8').replace(/^\uFEFF/, '');
  } catch {
    return null;
  }
}

/** The first of these that is there. */
export function firstThere(folder: string, files: readonly string[]): string | null {
  return files.find((file) => existsSync(join(folder, file))) ?? null;
}

/** The names in a folder; none when it is not there. */
export function namesIn(folder: string, path: string): string[] {
  try {
    return readdirSync(join(folder, path)).sort();
  } catch {
    return [];
  }
}

/** A name with each of the endings that code may have. */
export function withEndings(...names: string[]): string[] {
  return names.flatMap((name) =>
    ['ts', 'tsx', 'mts', 'js', 'jsx', 'mjs', 'cjs'].map((ending) => `${name}.${ending}`),
  );
}

/** The app's own code, file by file. */
export function codeOf(folder: string): Code[] {
  const found: string[] = [];
  const look = (path: string) => {
    for (const entry of readdirSync(join(folder, path), { withFileTypes: true })) {
      if (found.length >= MOST_FILES || entry.name.startsWith('.') || NOT_SOURCES.has(entry.name)) continue;
      const file = path + entry.name;
      if (entry.isDirectory()) look(`${file}/`);
      else if (CODE.test(entry.name)) found.push(file);
    }
  };
  look('');
  return found.sort().map((file) => ({ file, text: readIfThere(folder, file) ?? '' }));
}

/** What a file exports that makes something: the value that is made, or else the last one before it. */
export function findExported(code: readonly Code[], making: RegExp): Exported | null {
  const found = code.find(({ text }) => making.test(text) && /\bexport\b/.test(text));
  if (!found) return null;
  const names = [...found.text.matchAll(/\bexport (?:const|let|var) (\w+)\s*[:=]([^;]*)/g)];
  const made = names.find(([, , value = '']) => making.test(value)) ?? names[0];
  const [, name] = made ?? /\bexport\s*\{\s*(\w+)/.exec(found.text) ?? [];
  return name === undefined ? null : { file: found.file, name };
}

/** JSON as tsconfig.json has it, with comments and last commas. */
export function parseJsonWithComments(text: string): unknown {
  const plain = text.replace(/("(?:\\.|[^"\\])*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (_, string = '') => string);
  return JSON.parse(plain.replace(/("(?:\\.|[^"\\])*")|,(?=\s*[}\]])/g, (_, string = '') => string));
}
