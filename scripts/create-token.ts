/**
 * `npm run create-token -- --name ci [--scope send,metrics] [--expires 90d|2027-01-31|never]`: makes a bearer
 * token for a program and shows it once. Without `--scope` it may do everything that a token may; without
 * `--expires` it works for a year.
 */
import { parseArgs } from 'node:util';
import type { TokenScope } from '../lib/auth/api-token.ts';
import { minuteOf, Refusal, runScript } from './prompt.ts';
import { parseDay, parseDuration } from './time.ts';

const DAY_MS = 24 * 60 * 60_000;
// What is forgotten stops to work one day; who still uses it makes a new one in a minute.
const DEFAULT_EXPIRY = '365d';

await runScript(async () => {
  const { createApiToken, TOKEN_SCOPES } = await import('../lib/auth/api-token.ts');
  const { commandLineActor } = await import('../lib/auth/actor.ts');
  const { values } = parseArgs({
    options: {
      name: { type: 'string' },
      scope: { type: 'string', default: TOKEN_SCOPES.join() },
      expires: { type: 'string', default: DEFAULT_EXPIRY },
    },
  });
  const { name, scope, expires } = values;
  if (!name) throw new Refusal('Say what the token is for: npm run create-token -- --name ci');
  const scopes = parseScopes(scope, TOKEN_SCOPES);
  const expiresAt = parseExpiry(expires);

  const { id, token } = await createApiToken({ name, scopes, expiresAt }, commandLineActor());
  // The token alone on standard output, so that it can be piped into a secret store.
  process.stderr.write(
    `Token ${id}, "${name.trim()}", for ${scopes.join(' and ')}, until ${minuteOf(expiresAt, 'it is revoked')}. It is shown only now; send it as "Authorization: Bearer <token>".\n`,
  );
  process.stdout.write(`${token}\n`);
});

function parseScopes(text: string, known: readonly TokenScope[]): TokenScope[] {
  const named = text.split(',').map((part) => part.trim());
  const scopes = known.filter((scope) => named.includes(scope));
  if (scopes.length !== new Set(named).size) {
    throw new Refusal(`Give --scope as one or more of ${known.join(', ')}, with commas: --scope send`);
  }
  return scopes;
}

function parseExpiry(text: string): Date | null {
  if (text === 'never') return null;
  const duration = parseDuration(text);
  const startOfDay = parseDay(text);
  // A day is named as the last one on which it works.
  const expiresAt = duration !== null ? Date.now() + duration : startOfDay && startOfDay.getTime() + DAY_MS;
  if (expiresAt === null || expiresAt <= Date.now() || Number.isNaN(new Date(expiresAt).getTime())) {
    throw new Refusal(
      'Give --expires as days (90d), as a day to come (2027-01-31, its end in UTC), or as never.',
    );
  }
  return new Date(expiresAt);
}
