/** Starts the engine. What an operator has to mend is told in a sentence, not in a stack trace. */
export async function startOrExit(): Promise<void> {
  try {
    // Before anything else: what is imported below may need a newer Node than this.
    (await import('@/lib/lifecycle/node-version.ts')).requireNode();
    // Imported here: settings are read when the modules load, and may be what has to be mended.
    const { env } = await import('@/lib/config/env.ts');
    if (env.production) (await import('@/lib/http/next-errors.ts')).logConsole();
    // Before the engine, and before Next has a request to trace.
    const finish = env.tracing
      ? (await import('@/lib/telemetry/trace-export.ts')).startTracing(env.tracing)
      : undefined;
    // Registers them.
    await import('@/app/event-types.ts');
    const { startBelfry } = await import('@/lib/lifecycle/start-up.ts');
    await startBelfry({ finish });
  } catch (error) {
    const sentence = error instanceof Error ? error.message : String(error);
    const isForOperator = error instanceof Error && error.name === 'BelfryError';
    process.stderr.write(isForOperator ? `\n${sentence}\n` : `\nBelfry could not start: ${sentence}\n`);
    process.exit(1);
  }
}
