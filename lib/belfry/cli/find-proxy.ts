/** Finds out whether an app's proxy (`middleware` before Next 16) gets what is asked of Belfry's routes. */
import type { AppProxy } from './app.ts';
import { firstThere, readIfThere, withEndings } from './app-files.ts';

const PATHS = ['/sse/SystemNotification', '/notifications/poll'];
const LEFT_OUT = 'sse/|notifications/|';
const ANY_BUT_BELFRY = `export const config = { matcher: '/((?!${LEFT_OUT}_next/).*)' };`;

/** Null: there is none, or it gets nothing of Belfry's. A matcher that is not written out is taken for one that does. */
export function findProxy(folder: string, source: string): AppProxy | null {
  const file = firstThere(folder, withEndings(`${source}proxy`, `${source}middleware`));
  const text = file === null ? null : readIfThere(folder, file);
  if (file === null || text === null) return null;
  const matchers = matchersIn(text);
  const gets = matchers.length === 0 || PATHS.some((path) => matchers.some((one) => matches(one, path)));
  if (!gets) return null;
  const line = text.split('\n').find((one) => /['"`]\/\(\(\?!/.test(one));
  return {
    file,
    line: line === undefined ? ANY_BUT_BELFRY : line.trim().replace('((?!', `((?!${LEFT_OUT}`),
    // One that knows Belfry's routes lets them through itself.
    redirects: /\bredirect\b/.test(text) && !/\bsse\b/.test(text),
  };
}

/** The texts of `matcher`, alone, in a list, or as `source` of an object. */
function matchersIn(text: string): string[] {
  const [, ...after] = text.split(/\bmatcher\b/);
  return [...after.join().matchAll(/(['"`])(\/(?:\\.|(?!\1).)*)\1/g)].map(([, , written = '']) =>
    written.replace(/\\\\/g, '\\'),
  );
}

/** As Next reads a matcher, as far as it is needed here. */
function matches(matcher: string, path: string): boolean {
  const pattern = matcher
    .replace(/\/:\w+\*/g, '(?:/.*)?')
    .replace(/:\w+\+/g, '.+')
    .replace(/\/:\w+\?/g, '(?:/[^/]+)?')
    .replace(/:\w+(?=\/|$)/g, '[^/]+');
  try {
    return new RegExp(`^${pattern}$`).test(path);
  } catch {
    return true;
  }
}
