/** All the files that `belfry init` writes into an app, but for what `belfry generate` keeps up to date. */
import { type App, importPath } from './app.ts';
import { readIfThere } from './app-files.ts';
import { parts } from './package-files.ts';
import { rootText } from './root-text.ts';
import { mark, markedVersion, type WrittenFile } from './written-file.ts';

/** Where the composition root lies. */
export function rootPath({ source, typescript }: Pick<App, 'source' | 'typescript'>): string {
  return `${source}lib/belfry.${typescript ? 'ts' : 'js'}`;
}

/** Where the routes lie, by what `belfry/next` answers them with. */
export function routePaths({
  source,
  typescript,
}: App): Record<'notificationRoutes' | 'streamRoutes', string> {
  const ending = typescript ? 'ts' : 'js';
  return {
    notificationRoutes: `${source}app/notifications/[...belfry]/route.${ending}`,
    streamRoutes: `${source}app/sse/[eventType]/route.${ending}`,
  };
}

/** Where the parts lie. */
export function partsFolder({ source }: App): string {
  return `${source}components/notifications`;
}

/** Where the parts and the composition root come together: what a layout imports. */
export function pagesPath(app: App): string {
  return `${partsFolder(app)}/index.${app.typescript ? 'tsx' : 'jsx'}`;
}

/** `instrumentation` is among them only where there is none. */
export function initFiles(app: App, version: string): WrittenFile[] {
  const path = rootPath(app);
  return [
    { path, text: rootText(app, path, version), isFilledIn: true },
    ...Object.entries(routePaths(app)).map(([name, route]) => ({
      path: route,
      text: routeText(app, route, name, version),
    })),
    { path: pagesPath(app), text: pagesText(app, version), isFilledIn: true },
    ...[...parts(app)].map(([name, text]) => ({
      path: `${partsFolder(app)}/${name}`,
      text: name.endsWith('.css') ? `/* ${mark(version)} */\n${text}` : `// ${mark(version)}\n${text}`,
    })),
    ...instrumentation(app, version),
  ];
}

/** With Cache Components Next refuses `dynamic`; without them each member of the request would be asked through a proxy of Next's. */
function routeText(app: App, path: string, name: string, version: string): string {
  const dynamic = app.cacheComponents ? '' : "export const dynamic = 'force-dynamic';\n";
  return `// ${mark(version)}
import { ${name} } from 'belfry/next';
import { belfry } from '${importPath(app, path, rootPath(app))}';

${dynamic}export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = ${name}(belfry);
`;
}

function pagesText(app: App, version: string): string {
  return `// ${mark(version)}; yours to change.
import { currentLanguage, currentUserKey } from 'belfry/next';
${app.typescript ? "import type { ReactNode } from 'react';\n" : ''}import { belfry } from '${importPath(app, pagesPath(app), rootPath(app))}';
import { Notifications as NotificationsOf } from './notifications';

export { NotificationBell } from './bell';

/** Goes around the pages, in the layout: whoever is signed in has their notifications below it, and their toasts. */
export function Notifications({ children }${app.typescript ? ': { children: ReactNode }' : ''}) {
  return (
    <NotificationsOf
      userKey={currentUserKey(belfry)}
      language={currentLanguage(belfry)}
      eventTypes={belfry.eventTypes}
      categories={belfry.categories}${app.basePath ? `\n      basePath="${app.basePath}"` : ''}
    >
      {children}
    </NotificationsOf>
  );
}
`;
}

function instrumentation(app: App, version: string): WrittenFile[] {
  const path = app.instrumentation ?? `${app.source}instrumentation.${app.typescript ? 'ts' : 'js'}`;
  const there = readIfThere(app.folder, path);
  const isOurs = there === null || markedVersion(there) !== null;
  return isOurs ? [{ path, text: instrumentationText(app, path, version), isFilledIn: true }] : [];
}

function instrumentationText(app: App, path: string, version: string): string {
  return `// ${mark(version)}

/** Next calls it once, before the server answers its first request. */
export async function register() {
  if (process.env.NEXT_RUNTIME === 'nodejs') {
${startLines(app, path).join('\n')}
  }
}
`;
}

/** What stands in `register`, for Node. */
export function startLines(app: App, path: string): string[] {
  return [
    `    const { belfry } = await import('${importPath(app, path, rootPath(app))}');`,
    '    await belfry.start();',
  ];
}
