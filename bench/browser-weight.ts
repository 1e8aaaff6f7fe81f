/**
 * The JavaScript that bell, toasts and stream add to a page: their code and their libraries, bundled and
 * minified without React and Next, which the page has anyway, and gzipped.
 */
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const ENTRY = 'virtual:notifications';
const ON_EVERY_PAGE = `
  export { Notifications } from '@/components/notifications/notifications.tsx';
  export { NotificationBell } from '@/components/notifications/bell.tsx';
`;
const ON_THE_INBOX = `${ON_EVERY_PAGE}
  export { NotificationInbox } from '@/components/notifications/inbox.tsx';
`;

export interface BrowserWeight {
  /** KB (1,000 bytes) that every page loads. */
  page: number;
  /** KB that the panel adds when it is opened first. */
  panel: number;
  /** KB that the page of the inbox loads: those of every page included. */
  inbox: number;
}

export async function measureBrowserWeight(): Promise<BrowserWeight> {
  const { early, late } = await weigh(ON_EVERY_PAGE);
  return { page: early, panel: late, inbox: (await weigh(ON_THE_INBOX)).early };
}

/** What a page loads that imports these, and what it may load later. */
async function weigh(source: string): Promise<{ early: number; late: number }> {
  const bundle = await rolldown({
    input: ENTRY,
    platform: 'browser',
    external: [/^react($|\/)/, /^react-dom($|\/)/, /^next($|\/)/],
    resolve: { alias: { '@': ROOT } },
    transform: {
      define: {
        'process.env.NODE_ENV': '"production"',
        'process.env.NEXT_PUBLIC_BELFRY_BASE_PATH': 'undefined',
      },
      jsx: { runtime: 'automatic' },
    },
    // As an app has it from the package.
    treeshake: { moduleSideEffects: [{ test: /\/lib\/belfry\//, sideEffects: false }] },
    logLevel: 'silent',
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === ENTRY ? ENTRY : null),
        load: (id) => (id === ENTRY ? source : null),
      },
      {
        name: 'styles',
        load: (id) => (id.endsWith('.css') ? { code: '', moduleType: 'js' } : null),
      },
    ],
  });
  const { output } = await bundle.generate({ format: 'es', minify: true });
  const chunks = output.filter((file) => file.type === 'chunk');
  const later = new Set(
    chunks.filter(({ isDynamicEntry }) => isDynamicEntry).map(({ fileName }) => fileName),
  );
  // What only the panel's chunk imports comes with the panel.
  const early = new Set<string>();
  const visit = (fileName: string) => {
    if (early.has(fileName)) return;
    early.add(fileName);
    for (const imported of chunks.find((chunk) => chunk.fileName === fileName)?.imports ?? [])
      visit(imported);
  };
  for (const { fileName, isEntry } of chunks) if (isEntry && !later.has(fileName)) visit(fileName);
  const sizeOf = (isCounted: (fileName: string) => boolean) =>
    chunks
      .filter(({ fileName }) => isCounted(fileName))
      .reduce((sum, { code }) => sum + gzipSync(code).length, 0) / 1_000;
  return { early: sizeOf((name) => early.has(name)), late: sizeOf((name) => !early.has(name)) };
}
