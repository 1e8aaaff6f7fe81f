/**
 * One JSON line per fact, through pino. Values go in as fields, never into the message, so that text
 * from a user cannot forge a line.
 */
import { pino } from 'pino';
import { env } from './env.ts';
import { processSingleton } from './process-singleton.ts';

export const log = processSingleton('log', () =>
  pino({
    level: env.logLevel,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (level) => ({ level }) },
    redact: ['password', 'token', 'authorization', 'cookie', '*.password', '*.token'],
  }),
);
