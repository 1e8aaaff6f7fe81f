/** Where Belfry tells of what happened: a logger such as pino's, or one line of JSON each on the standard output. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** An error in `err` is written with its type, message and stack. */
export const plainLog: Log = {
  info: (fields, message) => write('info', fields, message),
  warn: (fields, message) => write('warn', fields, message),
  error: (fields, message) => write('error', fields, message),
};

function write(level: string, fields: object, message: string): void {
  const line = { level, time: new Date().toISOString(), ...fields, msg: message };
  process.stdout.write(
    `${JSON.stringify(line, (_, value) =>
      value instanceof Error ? { type: value.name, message: value.message, stack: value.stack } : value,
    )}\n`,
  );
}
