/** Next calls `register` once, before the server answers its first request. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME === 'nodejs') {
    const { startOrExit } = await import('./instrumentation-node.ts');
    await startOrExit();
  }
}
