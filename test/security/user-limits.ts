/** One user who asks without end. */
import { type Answer, type Belfry, withBelfry } from '../faults/belfry.ts';
import { type Fault, type Finding, Verdict } from '../faults/fault.ts';
import { inParallel, range } from '../faults/waiting.ts';

const GREEDY = 2;
const MODEST = 3;
const AT_ONCE = 20;
const BEYOND = 30;
// As the server has them by itself; and fewer, for which there need not be so many requests.
const FULL = { polls: 600, connects: 120, changes: 600 };
const SHORT = { polls: 60, connects: 30, changes: 60 };

type Ask = (belfry: Belfry, cookie: string) => Promise<Answer>;

const ASK: Record<keyof typeof FULL, Ask> = {
  polls: (belfry, cookie) => belfry.ask('/notifications/poll?limit=1', { headers: { Cookie: cookie } }),
  connects: (belfry, cookie) =>
    belfry.ask('/sse/SystemNotification', { method: 'HEAD', headers: { Cookie: cookie } }),
  changes: (belfry, cookie) =>
    belfry.ask('/notifications/dismiss', {
      method: 'POST',
      headers: { Cookie: cookie, Origin: belfry.url, 'Content-Type': 'application/json' },
      body: '{"ids":[1]}',
    }),
};

export const userLimits: Fault = {
  name: 'user-limits',
  breaks: 'one user polls, connects and dismisses faster than anybody does',
  bound: `${FULL.polls} polls, ${FULL.connects} connects, ${FULL.changes} changes a minute, the rest 429 with Retry-After; other users notice nothing`,
  runs: 'beside',
  limitSeconds: { short: 60, full: 60 },
  dependsOnStreamPath: false,
  take: (circumstances) => {
    const limits = circumstances.short ? SHORT : FULL;
    const env = {
      POLL_LIMIT_PER_MINUTE: String(limits.polls),
      CONNECT_LIMIT_PER_MINUTE: String(limits.connects),
      CHANGE_LIMIT_PER_MINUTE: String(limits.changes),
    };
    return withBelfry({ ...circumstances, env }, (belfry) => take(belfry, limits));
  },
};

async function take(belfry: Belfry, limits: typeof FULL): Promise<Finding> {
  const verdict = new Verdict();
  const greedy = await belfry.cookieOf(GREEDY);
  const modest = await belfry.cookieOf(MODEST);
  let refusedInAll = 0;
  for (const [what, limit] of Object.entries(limits)) {
    const ask = ASK[what as keyof typeof FULL];
    const startedAt = performance.now();
    const answers: Answer[] = [];
    await inParallel(range(limit + BEYOND), AT_ONCE, async () => {
      answers.push(await ask(belfry, greedy));
    });
    const isOneWindow = performance.now() - startedAt < 60_000;
    const refused = answers.filter(({ status }) => status === 429);
    const letIn = answers.filter(({ status }) => status === 200).length;
    refusedInAll += refused.length;
    if (isOneWindow) verdict.expect(letIn === limit, `${letIn} ${what} were let in instead of ${limit}.`);
    verdict.expect(letIn + refused.length === answers.length, `Some ${what} were answered otherwise.`);
    const waits = refused.map(({ headers }) => Number(headers['retry-after']));
    verdict.expect(
      waits.every((wait) => wait >= 1 && wait <= 60),
      `${what}: Retry-After is not within a minute.`,
    );
    const other = await ask(belfry, modest);
    verdict.expect(other.status === 200, `${what}: somebody else was answered with ${other.status}.`);
  }
  const sentence = (await ASK.polls(belfry, greedy)).text;
  verdict.expect(/Wait \d+ s, then try again\./.test(sentence), `It is no sentence: ${sentence}`);
  return verdict.finding(`${refusedInAll} refused with 429; somebody else let in each time`);
}
