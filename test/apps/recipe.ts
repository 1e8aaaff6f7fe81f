/** The edits that a page in docs/recipes has a developer make: what a reader does is what is tested. */
import { readFileSync } from 'node:fs';
import type { Edit } from './foreign-app.ts';

/** `edits`: what it takes to have the bell. `usage`: what stands below `## Send one`. */
export function recipe(name: string): { edits: Edit[]; usage: Edit[] } {
  const text = readFileSync(new URL(`../../docs/recipes/${name}.md`, import.meta.url), 'utf8');
  const [before = '', after = ''] = text.split('\n## Send one\n');
  return { edits: editsIn(before), usage: editsIn(after) };
}

function editsIn(text: string): Edit[] {
  return [...text.matchAll(/^\*\*`([^`]+)`\*\*\n\n```diff\n([\s\S]*?)^```/gm)].flatMap(
    ([, file = '', diff = '']) =>
      diff.split(/^@@.*\n/m).map((hunk) => ({ file, replace: side(hunk, '-'), by: side(hunk, '+') })),
  );
}

/** The lines of one side, without what marks them. */
function side(hunk: string, mark: '-' | '+'): string {
  return hunk
    .split('\n')
    .filter((line) => line === '' || line.startsWith(' ') || line.startsWith(mark))
    .map((line) => line.slice(1))
    .join('\n');
}
