/** Finds out what an app has for accounts. */
import type { AppAccounts, Exported } from './app.ts';
import type { Manifest } from './find-app.ts';

/** A file of the app's code. */
export interface Code {
  file: string;
  text: string;
}

/** By the packages that it names; better-auth is asked through what the app made of it. */
export function findAccounts(manifest: Manifest, code: readonly Code[]): AppAccounts {
  if (manifest.rangeOf('better-auth') !== undefined)
    return { kind: 'better-auth', auth: findExported(code, /\bbetterAuth\(/) };
  const nextAuth = manifest.rangeOf('next-auth');
  if (nextAuth !== undefined)
    return {
      kind: /^[\^~>=\s]*4\b/.test(nextAuth) ? 'next-auth 4' : 'next-auth 5',
      auth: null,
      sessions: findSessions(code),
    };
  if (manifest.rangeOf('@clerk/nextjs') !== undefined) return { kind: 'clerk', auth: null };
  return { kind: 'none', auth: null };
}

/** As NextAuth does: with an adapter in its database, unless it is told otherwise. */
function findSessions(code: readonly Code[]): 'jwt' | 'database' {
  const configured = code.filter(({ text }) => /['"](next-auth|@auth\/)/.test(text)).map(({ text }) => text);
  const said = configured.flatMap((text) => /\bstrategy:\s*['"](jwt|database)['"]/.exec(text)?.[1] ?? [])[0];
  if (said !== undefined) return said === 'jwt' ? 'jwt' : 'database';
  return configured.some((text) => /\badapter\s*[:,]/.test(text)) ? 'database' : 'jwt';
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
