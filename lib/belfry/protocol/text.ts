/**
 * What a text that somebody wrote may hold, and how long it is: said once, for every door that text comes
 * in by. Pure: the browser imports it too, so that its counters count as the server does.
 */
import { z } from 'zod';
import type { MessageKey } from '../language/message.ts';

// Unicode's own list (UTS #18, 1.6), so that a break pasted from a word processor is one as well.
const LINE_BREAK = /\r\n|[\v\f\r\u0085\u2028\u2029]/g;

/** The text with every kind of line break as `\n`. */
export function withPlainLineBreaks(text: string): string {
  return text.replace(LINE_BREAK, '\n');
}

/** What is kept of a text: line breaks as `\n`, and no white space around it. */
export function tidy(text: string): string {
  return withPlainLineBreaks(text).trim();
}

/** How long a text is where a limit counts it, in UTF-16 code units, as `maxlength` in HTML counts them. */
export function lengthOf(text: string): number {
  return tidy(text).length;
}

// Overrides turn letters round, and no language needs them. Embeddings and isolates do what their names say, for all that
// follows until they are closed, and a line has other text behind it. The marks that Arabic, Hebrew and Persian need
// (U+200C, U+200E, U+200F, U+061C), and the joiner that emoji need (U+200D), are neither.
const BIDI_OVERRIDE = /[\u202d\u202e]/;
const BIDI_CONTROL = /[\u202a-\u202e\u2066-\u2069]/;
const CONTROL = /\p{Cc}/u;
const CONTROL_IN_BLOCK = /(?![\t\n])\p{Cc}/u;
const HALF_CHARACTER = /\p{Cs}/u;
// Unicode marks most of what shows nothing. These it does not: blanks of Braille, of music, of hieroglyphs and of Khitan,
// and the placeholder of an object.
const VISIBLE =
  /[^\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{Cs}\u2800\ufffc\u{1d159}\u{13441}\u{13442}\u{16fe4}]/u;

interface Problem {
  message: MessageKey;
  /** What the message is given. */
  params?: { character: string };
}

/** Why a text cannot be taken, or null when it can. An empty one can. */
function problemOf(text: string, { severalLines }: { severalLines: boolean }): Problem | null {
  const half = HALF_CHARACTER.exec(text)?.[0];
  if (half) return { message: 'server.belfry.text.half-character', params: { character: codePoint(half) } };
  const bidi = (severalLines ? BIDI_OVERRIDE : BIDI_CONTROL).exec(text)?.[0];
  if (bidi) return { message: 'server.belfry.text.direction', params: { character: codePoint(bidi) } };
  const control = (severalLines ? CONTROL_IN_BLOCK : CONTROL).exec(text)?.[0];
  if (control === '\n') return { message: 'server.belfry.text.one-line' };
  if (control === '\t') return { message: 'server.belfry.text.tab' };
  if (control) return { message: 'server.belfry.text.control', params: { character: codePoint(control) } };
  if (text !== '' && !VISIBLE.test(text)) return { message: 'server.belfry.text.unseen' };
  return null;
}

function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

interface Limits<Message extends string> {
  /** In the units of `lengthOf`. */
  max: number;
  /** What is said when there is nothing. */
  missing: Message;
  /** What is said when it is longer than `max`; the message is given that as `maximum`. */
  tooLong: Message;
}

/** A schema for what is written in one line, such as a title or a name. What it gives back is tidy. */
export function lineOfText<Message extends string = MessageKey>(limits: Limits<NoInfer<Message>>) {
  return writtenText(limits, { severalLines: false });
}

/** A schema for what may have several lines, and tabs. What it gives back is tidy. */
export function blockOfText<Message extends string = MessageKey>(limits: Limits<NoInfer<Message>>) {
  return writtenText(limits, { severalLines: true });
}

function writtenText({ max, missing, tooLong }: Limits<string>, lines: { severalLines: boolean }) {
  return z
    .string(missing)
    .overwrite(tidy)
    .min(1, missing)
    .max(max, tooLong)
    .superRefine((text, context) => {
      const problem = problemOf(text, lines);
      // One sentence for one field: what else may be wrong shows when this is mended.
      if (problem !== null) context.addIssue({ code: 'custom', ...problem, input: text, continue: false });
    });
}

/**
 * A schema for text that nobody reads, such as a key: what a column can hold on either database. PostgreSQL
 * refuses the NUL character, which SQLite takes, and half a character fits no database.
 */
export function storableText() {
  return z
    .string()
    .refine((text) => !text.includes('\0'), 'server.belfry.text.nul' satisfies MessageKey)
    .refine((text) => !HALF_CHARACTER.test(text), 'server.belfry.text.half-characters' satisfies MessageKey);
}
