/** Finds out what an app has for accounts. */
import type { AppAccounts } from './app.ts';
import { type Code, findExported } from './app-files.ts';
import type { Manifest } from './manifest.ts';

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
