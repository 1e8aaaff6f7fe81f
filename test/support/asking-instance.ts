/**
 * An instance of an app, to be killed in the midst of it: it takes actions and asks, as it is told on its standard input.
 *
 *     node test/support/asking-instance.ts <url of the database> [<url of Redis>]
 *
 * One JSON text on each line. `{ press: id, by, tag }` takes the action `accept`, whose effect is a row that it writes in the
 * action's own transaction, and is answered by `{ tag, ok }`; `{ ask: key, to }` asks, and is answered by `{ key, answer }`.
 */
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { InProcessEventBus } from '../../lib/belfry/bus/event-bus.ts';
import { RedisEventBus } from '../../lib/belfry/bus/redis-event-bus.ts';
import { createBelfry } from '../../lib/belfry/create-belfry.ts';
import { defineNotification } from '../../lib/belfry/definitions/notification-type.ts';
import { Question } from '../../lib/belfry/definitions/question-type.ts';
import { isBelfryError } from '../../lib/belfry/protocol/errors.ts';
import { sql } from '../../lib/belfry/storage/database.ts';
import { openDatabase, sqlOf } from '../../lib/database/db.ts';
import { connectRedis } from '../../lib/redis/redis.ts';

/** What is pressed. Its effect is a row of a table that has no key: another press would make another. */
export const Invitation = defineNotification({
  name: 'Invitation',
  payload: z.object({}),
  render: () => ({ title: 'Come' }),
  actions: {
    accept: {
      label: 'Accept',
      async run({ notification, user, tx }) {
        await belfry.database
          .within(tx)
          .execute(sql`INSERT INTO effect (event_id, user_id) VALUES (${notification.id}, ${user.id})`);
      },
    },
  },
});

const CHOICE = { title: 'Go?', options: [{ name: 'yes', label: 'Yes' }] };
const SILENT = { info() {}, warn() {}, error() {} };

const [url = '', redisUrl] = process.argv.slice(2);
const belfry = createBelfry({
  database: sqlOf(openDatabase(url)),
  bus: redisUrl
    ? new RedisEventBus({
        open: (onError) => ({ client: connectRedis(redisUrl, onError).ready, prefix: 'asking' }),
        log: SILENT,
      })
    : new InProcessEventBus(),
  types: [Invitation],
  log: SILENT,
});

const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

type Told = { press: number; by: string; tag: number } | { ask: string; to: string };

async function press({ press: id, by: userId, tag }: Extract<Told, { tag: number }>): Promise<void> {
  try {
    await belfry.notifications.act({ userId, id, action: 'accept' });
    say({ tag, ok: true });
  } catch (error) {
    say({ tag, ok: false, code: isBelfryError(error) ? error.code : String(error) });
  }
}

await belfry.start();
say({ ready: true });
for await (const line of createInterface({ input: process.stdin })) {
  const told = JSON.parse(line) as Told;
  if ('press' in told) void press(told);
  else {
    const asked = belfry.ask(Question, { to: { user: told.to }, payload: CHOICE, key: told.ask });
    void asked.then((answer) => say({ key: told.ask, answer }));
  }
}
