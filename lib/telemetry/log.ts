/**
 * One JSON line per fact, through pino. Values go in as fields, never into the message, so that text
 * from a user cannot forge a line. What is logged with a `code` counts in `belfry_failures_total`.
 */
import { pino } from 'pino';
import { env } from '../config/env.ts';
import { processSingleton } from '../config/process-singleton.ts';
import { LogOutput } from './log-output.ts';
import { metrics } from './metrics.ts';

const WARN = pino.levels.values.warn ?? 40;

/** The log of the app. Where it cannot be written, the app goes on. */
export const log = processSingleton('log', () =>
  pino(
    {
      level: env.logLevel,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
      hooks: {
        logMethod([first, ...rest], write, level) {
          const code = level >= WARN && typeof first === 'object' ? codeOf(first) : null;
          if (code !== null) metrics.failed(code);
          write.apply(this, [first, ...rest]);
        },
      },
      redact: ['password', 'token', 'authorization', 'cookie', '*.password', '*.token'],
    },
    output(),
  ),
);

// Not pino's own: it waits for a pipe that nobody reads, and ends the process on a full disk.
function output(): LogOutput {
  process.stderr.on('error', () => {});
  return new LogOutput(process.stdout, {
    onLost: () => metrics.failed('log_lost'),
    lostLine: (lines) =>
      `${JSON.stringify({ level: 'warn', time: new Date().toISOString(), lines, msg: 'lines of the log were lost' })}\n`,
  });
}

function codeOf(fields: object | null): string | null {
  const code = fields && 'code' in fields ? fields.code : null;
  return typeof code === 'string' ? code : null;
}
