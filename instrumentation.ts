import type { Instrumentation } from 'next';

/** Next calls `register` once, before the server answers its first request. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME === 'nodejs') {
    const { startOrExit } = await import('@/lib/lifecycle/start-or-exit.ts');
    await startOrExit(() => import('@/app/event-types.ts'));
  }
}

/** Next calls it with whatever a page throws. Routes and actions have told of theirs themselves. */
export const onRequestError: Instrumentation.onRequestError = async (error, { method }, { routePath }) => {
  if (process.env.NEXT_RUNTIME === 'nodejs') {
    const { logPageError } = await import('@/lib/http/next-errors.ts');
    logPageError(error, { method, path: routePath });
  }
};
