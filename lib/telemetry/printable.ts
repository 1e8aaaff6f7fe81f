/** Text from outside, made fit for one line of a terminal or a table. */

// Control characters move the cursor and end lines; format characters turn the order of what stands beside
// them, or cannot be seen; a half of a surrogate pair is no text.
const NOT_PRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** The text with a sign in place of each character that cannot be printed, cut to so many UTF-16 units. */
export function printable(text: string, longest: number): string {
  const start = text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
  return start.replace(NOT_PRINTABLE, '\uFFFD');
}
