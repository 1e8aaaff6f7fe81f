/** `npm run revoke-token -- --id 3`, or `--name ci` where one valid token has that name: it stops to work at once. */
import { parseArgs } from 'node:util';
import { Refusal, runScript, say } from './prompt.ts';

await runScript(async () => {
  const { listApiTokens, revokeApiToken, tokenLabel } = await import('../lib/auth/api-token.ts');
  const { commandLineActor } = await import('../lib/auth/actor.ts');
  const { values } = parseArgs({ options: { id: { type: 'string' }, name: { type: 'string' } } });
  const { id, name } = values;
  if ((id === undefined) === (name === undefined)) {
    throw new Refusal('Say which token: --id 3, or --name ci. npm run list-tokens shows them.');
  }
  const tokens = await listApiTokens();
  const meant =
    id !== undefined
      ? tokens.filter((token) => String(token.id) === id)
      : tokens.filter((token) => token.name === name && token.state !== 'revoked');
  const [token, another] = meant;
  if (!token)
    throw new Refusal('There is no such token that is not revoked. npm run list-tokens shows them.');
  if (another)
    throw new Refusal(
      `Several tokens have this name: give --id ${meant.map((each) => each.id).join(' or ')}.`,
    );

  const isNews = await revokeApiToken(token, commandLineActor());
  say(isNews ? `The ${tokenLabel(token)} works no longer.` : `The ${tokenLabel(token)} was revoked already.`);
});
