/** Pages that stay open while the database behind them becomes another, and what a page would show that is opened anew. */
import { isDeepStrictEqual } from 'node:util';
import type { Change } from '../../lib/belfry/client/inbox-model.ts';
import { parseState } from '../../lib/belfry/protocol/inbox-state.ts';
import type { InboxFrame, InboxPage, ItemJson, Totals } from '../../lib/belfry/protocol/item.ts';
import { decodeSse, inboxFrames } from '../support/sse.ts';
import type { App } from './belfry.ts';
import { Client } from './client.ts';
import { bodyOf, readRaw } from './raw-stream.ts';
import { comesTrue, range } from './waiting.ts';

const OPEN_LIMIT_MS = 20_000;
const PAGE = 100;

/** A page of one person. */
export interface Screen {
  userId: number;
  client: Client;
  /** The titles of what was announced to this person, in that order. */
  announced: string[];
}

/** What a person has, read from the beginning. */
export interface Inbox {
  items: ItemJson[];
  totals: Totals;
  state: string;
}

/** Opens so many pages for each user, and waits until all are open. */
export async function openScreens(
  app: App,
  userIds: readonly number[],
  each: number,
  onItem: (userId: number, item: ItemJson) => void = () => {},
): Promise<Screen[]> {
  const screens = userIds.flatMap((userId) =>
    range(each).map((): Screen => {
      const announced: string[] = [];
      const onAnnounced = ({ title }: ItemJson) => void announced.push(title);
      const client = new Client({
        belfry: app,
        userId,
        onAnnounced,
        onItem: (item) => onItem(userId, item),
      });
      return { userId, announced, client };
    }),
  );
  for (const { client } of screens) await client.start();
  const areOpen = await comesTrue(() => screens.every(({ client }) => client.isOpen), OPEN_LIMIT_MS);
  if (!areOpen) throw new Error('Some pages did not open.');
  return screens;
}

/** Reads somebody's inbox to its end. */
export async function readInbox(app: App, userId: number): Promise<Inbox> {
  const items: ItemJson[] = [];
  for (let cursor: string | null = ''; ; ) {
    const { status, text } = await get(app, userId, `/notifications/poll?limit=${PAGE}${cursor}`);
    if (status !== 200) throw new Error(`Poll was answered with ${status}: ${text}`);
    const page: InboxPage = JSON.parse(text);
    items.push(...page.notifications);
    if (page.nextCursor === null) return { items, totals: page.totals, state: page.state };
    cursor = `&cursor=${page.nextCursor}`;
  }
}

/** A sentence for each page that shows anything else than one that is opened now. */
async function differences(app: App, screens: readonly Screen[], isOneInstance: boolean): Promise<string[]> {
  const found: string[] = [];
  for (const userId of new Set(screens.map((screen) => screen.userId))) {
    const { items, totals, state } = await readInbox(app, userId);
    for (const { client } of screens.filter((screen) => screen.userId === userId)) {
      const { look, position } = client;
      const shown = look?.items ?? [];
      if (!isDeepStrictEqual(shown.map(toCompare), items.map(toCompare)))
        found.push(`A page of user ${userId} shows ${named(shown)}, and a new one ${named(items)}.`);
      else if (!isDeepStrictEqual(look?.totals, totals))
        found.push(
          `A page of user ${userId} counts ${JSON.stringify(look?.totals)}, and a new one ${JSON.stringify(totals)}.`,
        );
      // Of several instances one may go on under the name that the history had for another before.
      else if (isOneInstance && historyOf(position) !== historyOf(state))
        found.push(`A page of user ${userId} stands at ${position}, and a new one at ${state}.`);
    }
  }
  return found;
}

/** Waits until every page shows what a new one would. What still differs when the time is over, and the time it took. */
export async function becomeLikeNew(
  app: App,
  screens: readonly Screen[],
  { limitMs, isOneInstance = false }: { limitMs: number; isOneInstance?: boolean },
): Promise<{ different: string[]; seconds: number }> {
  const since = performance.now();
  let different: string[] = [];
  await comesTrue(async () => {
    // While a server is away nothing can be compared.
    different = await differences(app, screens, isOneInstance).catch((error: Error) => [error.message]);
    return different.length === 0;
  }, limitMs);
  return { different, seconds: (performance.now() - since) / 1_000 };
}

/** What a stream begins with that is asked to go on from a position. */
export async function beginningFrom(
  app: App,
  userId: number,
  since: string,
): Promise<InboxFrame['kind'] | undefined> {
  const text = await readRaw(
    {
      port: Number(new URL(app.url).port),
      cookie: await app.cookieOf(userId),
      path: `/sse/SystemNotification?since=${encodeURIComponent(since)}`,
    },
    (read) => firstFrame(bodyOf(read)) !== undefined,
  );
  return firstFrame(bodyOf(text))?.kind;
}

/** The status with which `GET /notifications/changes` answers a position. */
export async function changesStatus(app: App, userId: number, since: string): Promise<number> {
  return (await get(app, userId, `/notifications/changes?since=${encodeURIComponent(since)}`)).status;
}

/** Somebody does something with their items, on a page that is none of the open ones. Gives the position after it. */
export async function change(app: App, userId: number, { kind, ...named }: Change): Promise<string> {
  const answer = await app.ask(`/notifications/${kind}`, {
    method: 'POST',
    headers: {
      Cookie: await app.cookieOf(userId),
      Origin: app.url,
      'Content-Type': 'application/json',
    },
    body: JSON.stringify(named),
  });
  if (answer.status !== 200) throw new Error(`${kind} was answered with ${answer.status}: ${answer.text}`);
  return (JSON.parse(answer.text) as { state: string }).state;
}

async function get(app: App, userId: number, path: string) {
  return app.ask(path, { headers: { Cookie: await app.cookieOf(userId) } });
}

function firstFrame(body: string): InboxFrame | undefined {
  return inboxFrames(decodeSse(body).messages)[0];
}

function historyOf(state: string | null): string | undefined {
  return state === null ? undefined : parseState(state)?.history;
}

/** Whether it came live or was read back makes no difference. */
function toCompare({ isRecovered: _, ...item }: ItemJson): Omit<ItemJson, 'isRecovered'> {
  return item;
}

function named(items: readonly ItemJson[]): string {
  return `[${items.map(({ id, title, readAt }) => `${id} ${title}${readAt === null ? '' : ', read'}`).join('; ')}]`;
}
