/** What the account commands share: asking in the terminal, and refusing in one sentence. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';

/** A refusal of a script's own; its message is all that is shown. */
export class Refusal extends Error {}

/** True when a person sits at the terminal and can be asked. */
export const canAsk = Boolean(process.stdin.isTTY && process.stdout.isTTY);

/** One line on standard output. */
export function say(sentence: string): void {
  process.stdout.write(`${sentence}\n`);
}

/** Rows in columns, under their headings. */
export function sayTable(headings: readonly string[], rows: readonly (readonly string[])[]): void {
  const all = [headings, ...rows];
  const widths = headings.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  for (const row of all)
    say(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
}

/** The day and minute of a time, in UTC, or a word for none. */
export function minuteOf(time: Date | null, none: string): string {
  return time === null ? none : `${time.toISOString().slice(0, 16).replace('T', ' ')}Z`;
}

/** One trimmed line. */
export async function ask(question: string): Promise<string> {
  return (await readLine(question, process.stdout)).trim();
}

/** True for an answer that starts with y; anything else, and just Enter, is a no. */
export async function confirm(question: string): Promise<boolean> {
  return /^y/i.test(await ask(`${question} [y/N] `));
}

/**
 * A new password: asked for twice without showing it, or the first line of standard input when nobody
 * can be asked. Never an argument, which every process list shows.
 */
export async function readNewPassword(): Promise<string> {
  if (!canAsk) {
    const [line = ''] = (await readStandardInput()).split(/\r?\n/);
    if (line === '') throw new Refusal('Pass the password as the first line of standard input.');
    return line;
  }
  const password = await askHidden('Password (at least 10 characters, not shown): ');
  if (password !== (await askHidden('The same password again: '))) {
    throw new Refusal('The two passwords differ. Start again.');
  }
  return password;
}

/**
 * Runs a script on a migrated database. A refusal is printed as its sentence, with exit code 1;
 * anything else that is thrown is a defect and keeps its stack.
 */
export async function runScript(work: () => Promise<void>): Promise<void> {
  try {
    loadEnvFiles();
    for (const argument of process.argv.slice(2)) refuseReplaced(argument);
    // Imported here, so that a bad environment variable is a sentence too.
    const { env } = await import('../lib/config/env.ts');
    const { migrate } = await import('../lib/database/migrations.ts');
    const { db } = await import('../lib/database/db.ts');
    const { auditTrail } = await import('../lib/auth/audit.ts');
    await migrate(env.databaseUrl);
    try {
      await work();
    } finally {
      await auditTrail.flush();
      await db.$disconnect();
    }
  } catch (error) {
    if (!isMeantForPeople(error)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}

// The files that the server reads too, so that both mean the same database. What is set already stays.
function loadEnvFiles(): void {
  const files = ['.env.production.local', '.env.local', '.env.production', '.env'];
  for (const file of files.filter((name) => existsSync(name))) process.loadEnvFile(file);
}

function isMeantForPeople(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  if (error instanceof Refusal || error.name === 'BelfryError') return true;
  // Unknown or incomplete options.
  return 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_');
}

async function readStandardInput(): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await buffer(process.stdin));
  } catch (cause) {
    throw new Refusal('Standard input is not valid UTF-8. Encode it so, then try again.', { cause });
  }
}

/** What Node could not decode in an argument or a typed line: it puts U+FFFD there, and what was meant is lost. */
function refuseReplaced(given: string): void {
  if (given.includes('\ufffd'))
    throw new Refusal('What was typed is not valid UTF-8. Set the terminal to UTF-8, then try again.');
}

async function askHidden(question: string): Promise<string> {
  process.stdout.write(question);
  try {
    return await readLine('', new Writable({ write: (_chunk, _encoding, done) => done() }));
  } finally {
    process.stdout.write('\n');
  }
}

async function readLine(question: string, output: NodeJS.WritableStream): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output, terminal: true });
  // Ctrl-C rejects the question; Ctrl-D closes the terminal and leaves it open for ever.
  const closed = once(terminal, 'close').then(() => null);
  try {
    const answer = await Promise.race([terminal.question(question).catch(() => null), closed]);
    if (answer !== null) {
      refuseReplaced(answer);
      return answer;
    }
    process.stdout.write('\n');
    throw new Refusal('Stopped; nothing was changed.');
  } finally {
    terminal.close();
  }
}
