/**
 * Starts the app. What an operator has to mend is told in a sentence, not in a stack trace.
 *
 * @param register Registers the types of events, once the settings are known to be usable.
 */
export async function startOrExit(register: () => Promise<unknown>): Promise<void> {
  try {
    // Before anything else: what is imported below may need a newer Node than this.
    (await import('./node-version.ts')).requireNode();
    // Imported here: settings are read when the modules load, and may be what has to be mended.
    const { env } = await import('../config/env.ts');
    if (env.production) (await import('../http/next-errors.ts')).logConsole();
    // Before the engine, and before Next has a request to trace.
    const finish = env.tracing
      ? (await import('../telemetry/trace-export.ts')).startTracing(env.tracing)
      : undefined;
    await register();
    const { startBelfry } = await import('./start-up.ts');
    await startBelfry({ finish });
  } catch (error) {
    const sentence = error instanceof Error ? error.message : String(error);
    const isForOperator = error instanceof Error && error.name === 'BelfryError';
    process.stderr.write(isForOperator ? `\n${sentence}\n` : `\nBelfry could not start: ${sentence}\n`);
    process.exit(1);
  }
}
