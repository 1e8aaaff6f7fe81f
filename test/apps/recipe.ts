/**
 * What a recipe in docs/recipes tells a developer to change: every block of ```diff, below a line with the file's name
 * alone (**`app/layout.tsx`**). A line @@ parts two places of one file. What stands below `## Send one` is use, what stands
 * above it is what the bell needs.
 */
import { readFileSync } from 'node:fs';
import type { Edit } from './foreign-app.ts';

const USE = '## Send one';

/** @throws Where a block names no file. */
export function recipe(name: string): { edits: Edit[]; usage: Edit[] } {
  const text = readFileSync(new URL(`../../docs/recipes/${name}.md`, import.meta.url), 'utf8');
  const [setUp = '', use] = text.split(`\n${USE}\n`);
  if (use === undefined) throw new Error(`docs/recipes/${name}.md has no part "${USE}".`);
  return { edits: editsIn(setUp), usage: editsIn(use) };
}

function editsIn(text: string): Edit[] {
  return text.split('```diff\n').flatMap((part, index, parts) => {
    if (index === 0) return [];
    const file = /\*\*`([^`]+)`\*\*[^\n]*\s*$/.exec(parts[index - 1] ?? '')?.[1];
    if (file === undefined) throw new Error(`Which file is changed here?\n${part.slice(0, 200)}`);
    const [block = ''] = part.split('```');
    return block.split(/^@@.*\n/m).map((hunk) => ({
      file,
      replace: side(hunk, '-'),
      by: side(hunk, '+'),
    }));
  });
}

/** The lines of a hunk before the change (`-`) or after it (`+`). */
function side(hunk: string, sign: '-' | '+'): string {
  const lines = hunk.split('\n').slice(0, -1);
  return lines
    .filter((line) => line === '' || line.startsWith(' ') || line.startsWith(sign))
    .map((line) => `${line.slice(1)}\n`)
    .join('');
}
