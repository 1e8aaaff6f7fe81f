/** `npx belfry <command>`. */
import { parseArgs } from 'node:util';
import { isBelfryError } from '../protocol/errors.ts';
import { sentenceOfDatabase, toBelfryError } from '../storage/database-errors.ts';
import type { Command, CommandContext } from './command.ts';
import { doctor } from './doctor.ts';
import { generate } from './generate.ts';
import { importNotifications } from './import.ts';
import { init } from './init.ts';
import { migrate } from './migrate.ts';

const COMMANDS: Record<string, Command> = {
  init,
  generate,
  migrate,
  doctor,
  import: importNotifications,
};

const USAGE = `npx belfry <command>

  init       sets this app up: writes files of Belfry's own, and says what to add to yours
  generate   brings the tables' files for Prisma or Drizzle up to this version
  migrate    applies what the database lacks
  doctor     says what is missing, and how to mend it
  import     takes over the notifications of a table of your own, once each:
             import <file.json>, <file.ndjson>, - (what is piped in), or --sql "SELECT ..."

  --dry-run  says what would be done, and does nothing (init, generate, migrate, import)
  --force    renews the routes and the parts that init has written (init)
  --sql      a SELECT on the app's own database, which names its columns id, user_id, title, message, created_at and,
             where there are such, link, read_at, done_at, expires_at (import)
`;

/** Runs the command that the arguments name, in the folder that this process is in. Returns the exit code. */
export async function main(args: string[]): Promise<number> {
  const say = (line = '') => void process.stdout.write(`${line}\n`);
  const complain = (line: string) => void process.stderr.write(`${line}\n`);
  const asked = parse(args);
  if (asked === null) {
    complain(USAGE);
    return 2;
  }
  if (asked.help) {
    say(USAGE);
    return 0;
  }
  try {
    const { command, ...options } = asked;
    return await command({ folder: process.cwd(), ...options, now: new Date(), say, complain });
  } catch (error) {
    const known = toBelfryError(error);
    if (known === null) throw error;
    complain(
      isBelfryError(error) ? error.message : `${known.message} It says: ${sentenceOfDatabase(error)}.`,
    );
    return 1;
  }
}

type Asked =
  | { help: true }
  | ({ help: false; command: Command } & Pick<CommandContext, 'force' | 'dryRun' | 'file' | 'sql'>);

/** Null for what is no command. */
function parse(args: string[]): Asked | null {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        force: { type: 'boolean', default: false },
        'dry-run': { type: 'boolean', default: false },
        sql: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return { help: true };
    const [name = '', file, ...others] = positionals;
    if (others.length > 0 || !Object.hasOwn(COMMANDS, name)) return null;
    if (name !== 'import' && (file !== undefined || values.sql !== undefined)) return null;
    return {
      help: false,
      command: COMMANDS[name] as Command,
      force: values.force,
      dryRun: values['dry-run'],
      file,
      sql: values.sql,
    };
  } catch {
    return null;
  }
}
