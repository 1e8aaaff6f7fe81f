/** `npm run list-tokens`: all tokens, what each may do, and when it was last used. */
import { minuteOf, runScript, sayTable } from './prompt.ts';

await runScript(async () => {
  const { listApiTokens } = await import('../lib/auth/api-token.ts');
  const rows = (await listApiTokens()).map((token) => [
    String(token.id),
    token.name,
    token.state,
    token.scopes.join(),
    minuteOf(token.createdAt, ''),
    minuteOf(token.expiresAt, 'never'),
    minuteOf(token.lastUsedAt, 'never'),
  ]);
  sayTable(['id', 'name', 'state', 'scopes', 'made', 'expires', 'last used'], rows);
});
