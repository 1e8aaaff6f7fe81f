/** Something happens to the file of the embedded database while the server runs, and is put right again. */
import { execFileSync } from 'node:child_process';
import { type Answer, type Belfry, withBelfry } from './belfry.ts';
import { openClients } from './client.ts';
import { type Fault, type Finding, Verdict } from './fault.ts';
import { comesTrue } from './waiting.ts';

const SENDS = 20;
const READER = 2;
const HEALTH_LIMIT_MS = 3_000;
const BACK_LIMIT_MS = 5_000;

export interface FileFault {
  name: string;
  breaks: string;
  /** What health has to give as the reason. */
  reason: string;
  /** Whether an inbox can still be read meanwhile; otherwise reading is refused with a sentence as well. */
  canBeRead: boolean;
  /** Shell commands; `$FILE` is the database. A process of its own: ours must not touch SQLite's locks. */
  away: string;
  back: string;
}

export function fileFault(fault: FileFault): Fault {
  return {
    name: fault.name,
    breaks: fault.breaks,
    bound: `health says down and why; every send is answered 503 with Retry-After and a sentence; ${fault.canBeRead ? 'reading goes on' : 'reading too, or goes on'}; all works again within ${BACK_LIMIT_MS / 1_000} s of its return; 0 acknowledged lost, also after a kill -9`,
    runs: 'beside',
    limitSeconds: { short: 60, full: 60 },
    dependsOnStreamPath: false,
    take: (circumstances) => withBelfry(circumstances, (belfry) => take(fault, belfry)),
  };
}

async function take({ reason, canBeRead, away, back }: FileFault, belfry: Belfry): Promise<Finding> {
  const verdict = new Verdict();
  const [client] = await openClients(belfry, [READER]);
  if (!client) throw new Error('No client was made.');
  verdict.expect(await comesTrue(() => client.isOpen, 10_000), 'The client did not connect.');
  const acknowledged: number[] = [];
  const send = async (): Promise<Answer> => {
    const answer = await belfry.send({ title: 'Is it kept?', message: 'For good.', audience: 'all' });
    if (answer.status === 201) acknowledged.push((JSON.parse(answer.text) as { id: number }).id);
    return answer;
  };
  const run = (command: string) =>
    execFileSync('sh', ['-c', command], {
      env: { ...process.env, FILE: belfry.databaseFile },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  const health = async () => {
    const { status, headers, text } = await belfry.ask('/api/health');
    return { status, headers, body: JSON.parse(text) as { status: string; reason?: { code: string } } };
  };
  for (let sent = 0; sent < SENDS; sent += 1) await send();
  verdict.expect(acknowledged.length === SENDS, `Before, only ${acknowledged.length} were acknowledged.`);

  run(away);
  const refusals: Answer[] = [];
  for (let sent = 0; sent < SENDS; sent += 1) refusals.push(await send());
  const asTheyShould = refusals.filter(isRefusal);
  const [other] = refusals.filter((answer) => !asTheyShould.includes(answer));
  verdict.expect(other === undefined, `A send was answered with ${other?.status} ${other?.text}`);
  const isTold = await comesTrue(async () => {
    const { status, headers, body } = await health();
    return (
      status === 503 &&
      body.status === 'down' &&
      body.reason?.code === reason &&
      Number(headers['retry-after']) > 0
    );
  }, HEALTH_LIMIT_MS);
  verdict.expect(isTold, `Health said ${JSON.stringify(await health())}.`);
  // A supervisor that restarts what does not live must not do so where that would not help.
  const live = await belfry.ask('/api/health?live');
  verdict.expect(
    live.status === (reason === 'replaced' ? 503 : 200),
    `Whether it lives was answered with ${live.status}.`,
  );
  const poll = await belfry.ask('/notifications/poll', {
    headers: { Cookie: await belfry.cookieOf(READER) },
  });
  const isFair = poll.status === 200 || (!canBeRead && isRefusal(poll));
  verdict.expect(isFair, `Poll was answered with ${poll.status}: ${poll.text}`);
  verdict.expect(client.isOpen && client.openedAt.length === 1, 'The stream was interrupted.');

  run(back);
  const since = performance.now();
  const recovers = await comesTrue(
    async () => (await send()).status === 201 && (await health()).status === 200,
    BACK_LIMIT_MS,
  );
  const backSeconds = (performance.now() - since) / 1_000;
  verdict.expect(recovers, `Afterwards a send was answered with ${(await send()).text}.`);

  await belfry.server.stop('SIGKILL');
  await belfry.server.start();
  const stored = new Set((belfry.sql('SELECT id FROM belfry_event') as { id: number }[]).map(({ id }) => id));
  const lost = acknowledged.filter((id) => !stored.has(id)).length;
  verdict.expect(lost === 0, `${lost} acknowledged rows are lost.`);
  const surplus = stored.size - acknowledged.length;
  verdict.expect(surplus === 0, `${surplus} rows were stored although they were refused.`);
  client.close();
  return verdict.finding(
    `${asTheyShould.length} of ${refusals.length} sends answered 503; health down: ${reason}; back after ${backSeconds.toFixed(1)} s; ${lost} of ${acknowledged.length} acknowledged lost`,
  );
}

/** 503 with `Retry-After`, and a sentence without a path in it. */
function isRefusal({ status, text, headers }: Answer): boolean {
  return status === 503 && Number(headers['retry-after']) > 0 && /"message":"[A-Z][^/]+\."/.test(text);
}
