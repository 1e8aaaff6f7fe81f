/**
 * `npm run audit`: who did what, from where, and when, newest last. `--since 7d` or a day, `--action signed_in`,
 * `--user ada@example.com`, `--limit 100`; as `--csv`, or as `--json` with one object a line.
 *
 * Without `--limit` the form for people shows the last hundred, and the other two everything.
 */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { stringify } from 'csv-stringify';
import type { AuditAction, RecordedEntry } from '../lib/auth/audit.ts';
import { Refusal, runScript } from './prompt.ts';
import { parseDay, parseDuration } from './time.ts';

const SHOWN_TO_PEOPLE = 100;
const COLUMNS = ['id', 'at', 'action', 'actor', 'userId', 'tokenId', 'subject', 'address', 'agent', 'detail'];

await runScript(async () => {
  const { AUDIT_ACTIONS, readAuditEntries } = await import('../lib/auth/audit.ts');
  const { values } = parseArgs({
    options: {
      since: { type: 'string' },
      action: { type: 'string' },
      user: { type: 'string' },
      limit: { type: 'string' },
      csv: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const { csv, json } = values;
  if (csv && json) throw new Refusal('Choose one of --csv and --json.');
  const entries = readAuditEntries({
    since: parseSince(values.since),
    action: parseAction(values.action, AUDIT_ACTIONS),
    user: values.user,
    limit: parseLimit(values.limit) ?? (csv || json ? undefined : SHOWN_TO_PEOPLE),
  });
  const source = Readable.from(entries);
  if (csv) await print(source, toCsv());
  else await print(source, json ? toJsonLines : toLines);
});

/** Ends quietly when whoever reads it has read enough. */
async function print(source: Readable, form: NodeJS.ReadWriteStream | typeof toLines): Promise<void> {
  try {
    await pipeline(source, form as typeof toLines, process.stdout, { end: false });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) throw error;
  }
}

/** As RFC 4180 has it, with every cell in quotes, and an apostrophe before what a spreadsheet would compute. */
function toCsv() {
  return stringify({
    header: true,
    columns: COLUMNS,
    quoted: true,
    quoted_empty: true,
    record_delimiter: 'windows',
    escape_formulas: true,
    cast: { date: (at) => at.toISOString(), object: (detail) => JSON.stringify(detail) },
  });
}

async function* toJsonLines(entries: AsyncIterable<RecordedEntry>) {
  for await (const entry of entries) yield `${JSON.stringify(entry)}\n`;
}

async function* toLines(entries: AsyncIterable<RecordedEntry>) {
  for await (const { at, action, actor, subject, address, agent, detail } of entries) {
    const time = `${at.toISOString().slice(0, 19).replace('T', ' ')}Z`;
    const who = subject === null ? actor : `${actor} → ${subject}`;
    const more = detail === null ? '' : JSON.stringify(detail);
    yield `${[time, action.padEnd(21), who, `from ${address}`, agent, more].filter(Boolean).join('  ')}\n`;
  }
}

function parseSince(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const duration = parseDuration(text);
  const since = duration === null ? (parseDay(text) ?? new Date(text)) : new Date(Date.now() - duration);
  if (Number.isNaN(since.getTime())) {
    throw new Refusal('Give --since as 7d, 12h, a day (2026-11-01, in UTC) or an ISO time.');
  }
  return since;
}

function parseAction(text: string | undefined, known: readonly AuditAction[]): AuditAction | undefined {
  if (text === undefined) return undefined;
  const action = known.find((name) => name === text);
  if (!action) throw new Refusal(`Give --action as one of ${known.join(', ')}.`);
  return action;
}

function parseLimit(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Refusal('Give --limit as a whole number above 0.');
  return Number(text);
}
