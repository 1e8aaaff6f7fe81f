/**
 * What the server said when it refused to run an action at all, such as to somebody whose session has ended; null
 * for any other failure. Next hands on nothing but the text of such an answer (`refusalFor` in
 * lib/http/posts-to-pages.ts): a code and a sentence.
 */
export function refusalOf(error: unknown): string | null {
  return error instanceof Error ? (/^[a-z_]+: (.+)$/.exec(error.message)?.[1] ?? null) : null;
}
