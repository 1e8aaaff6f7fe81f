/**
 * The little Markdown that a message may hold: **bold**, *italic*, `code` and [links](https://example.com). Everything
 * else is the text that it is, line breaks among it; a backslash in front of one of these signs takes its meaning away.
 * Nothing of it is ever HTML: what shows it makes its own elements of the parts.
 *
 * The signs mean what CommonMark has them mean; underscores, which names of files are full of, mean nothing.
 */
import { isSafeLink } from './site-path.ts';

/** A piece of a message. */
export type Part =
  | string
  | { kind: 'bold'; parts: Part[] }
  | { kind: 'italic'; parts: Part[] }
  | { kind: 'code'; text: string }
  /** A path of this site or an http(s) address; another is shown as it was written. */
  | { kind: 'link'; link: string; parts: Part[] };

// A sign that is never closed is looked for no further than this: a text of nothing but signs must not take for ever.
const REACH = 1_000;
const SIGN = new RegExp(
  [
    String.raw`\\(?<escaped>[\\*\`[\]()])`,
    String.raw`\`(?<code>[^\`\n]{1,${REACH}})\``,
    String.raw`\*\*(?=\S)(?<bold>(?:[^*\\]|\\.|\*(?!\*)){1,${REACH}}?)(?<=\S)\*\*(?!\*)`,
    String.raw`\*(?=[^\s*])(?<italic>(?:[^*\\\n]|\\.|\*\*[^*\n]{1,${REACH}}\*\*){1,${REACH}}?)(?<=\S)\*(?!\*)`,
    String.raw`\[(?<label>(?:[^\]\\\n]|\\.){1,${REACH}})\]\((?<link>[^\s()]{1,2000})\)`,
  ].join('|'),
  'gs',
);

/** What a message is made of. Never fails. */
export function parseMarkdown(text: string): Part[] {
  const parts: Part[] = [];
  let read = 0;
  for (const match of text.matchAll(SIGN)) {
    const part = partOf(match.groups ?? {});
    if (part === null) continue;
    add(parts, text.slice(read, match.index));
    add(parts, part);
    read = match.index + match[0].length;
  }
  add(parts, text.slice(read));
  return parts;
}

/** The message without its signs: for whatever shows plain text. */
export function plainText(text: string): string {
  return wordsOf(parseMarkdown(text));
}

/** A text in which nothing is a sign: for what a person wrote, inside a message that a definition words. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\*`[\]()]/g, '\\$&');
}

function partOf({
  escaped,
  code,
  bold,
  italic,
  label,
  link,
}: Record<string, string | undefined>): Part | null {
  if (escaped !== undefined) return escaped;
  if (code !== undefined) return { kind: 'code', text: code };
  if (bold !== undefined) return { kind: 'bold', parts: parseMarkdown(bold) };
  if (italic !== undefined) return { kind: 'italic', parts: parseMarkdown(italic) };
  if (label === undefined || link === undefined || !isSafeLink(link)) return null;
  // A link in a link leads nowhere of its own.
  return { kind: 'link', link, parts: parseMarkdown(label) };
}

function add(parts: Part[], part: Part): void {
  const last = parts.at(-1);
  if (part === '') return;
  if (typeof part === 'string' && typeof last === 'string') parts[parts.length - 1] = last + part;
  else parts.push(part);
}

function wordsOf(parts: readonly Part[]): string {
  return parts
    .map((part) => (typeof part === 'string' ? part : part.kind === 'code' ? part.text : wordsOf(part.parts)))
    .join('');
}
