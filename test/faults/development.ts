/** What happens to a developer: a model without a migration, and a notification that is defined while `npm run dev` runs. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ItemJson } from '../../lib/belfry/protocol/item.ts';
import { freePort } from '../support/free-port.ts';
import { copyProject } from '../support/project-copy.ts';
import { type App, belfryEnvironment, prepareDatabase, TOKEN, toApp } from './belfry.ts';
import { type Fault, Verdict } from './fault.ts';
import { atTheEnd } from './leftovers.ts';
import { comesTrue } from './waiting.ts';

const START_LIMIT_MS = 90_000;
const SEEN_LIMIT_MS = 20_000;
const STREAM = '/sse/SystemNotification,ReportBuilt';
const ORDER_MOVED = `import { defineNotification } from 'belfry';
import { z } from 'zod';

export const OrderMoved = defineNotification({
  name: 'OrderMoved',
  payload: z.object({ place: z.string() }),
  messages: {
    en: { title: 'Your order is in {place}', collect: 'Collect it' },
    'zh-TW': { title: '你的訂單在{place}', collect: '領取' },
  },
  render: ({ payload, t }) => ({ title: t('title', payload) }),
  actions: { collect: { label: 'collect', run() {} } },
});
`;
const READ = { en: ['Your order is in Taipei', 'Collect it'], 'zh-TW': ['你的訂單在Taipei', '領取'] };

export const development: Fault = {
  name: 'development',
  breaks:
    'a notification is defined in a file of its own, and removed, while `npm run dev` runs; before that, in full, a model is added to the schema without a migration',
  bound:
    'the start names the model and the command that prints its SQL; the new type is sent by its name at once, reads in each language, and its button works; the stream has the old ones all the time',
  runs: 'alone',
  limitSeconds: { short: 240, full: 240 },
  dependsOnStreamPath: false,
  take: async ({ short, streamPath }) => {
    const verdict = new Verdict();
    const copy = copyProject({ built: false });
    const remove = atTheEnd(copy.remove);
    const edit = (file: string, change: (text: string) => string) => {
      const path = join(copy.folder, file);
      writeFileSync(path, change(readFileSync(path, 'utf8')));
    };
    const databaseUrl = `file:${join(copy.folder, 'data/belfry.db')}`;
    const port = await freePort();
    const env = { ...process.env, ...belfryEnvironment({ databaseUrl, streamPath }), PORT: String(port) };
    const dev = () => startDevelopment(copy.folder, env);
    const agent = new Agent({ keepAlive: true });
    let server: Development | null = null;
    try {
      await prepareDatabase(databaseUrl, 2);
      // It takes two more generations of the client.
      if (!short) await startWithoutMigration(copy.folder, dev, verdict);
      server = dev();
      const app = toApp({ url: `http://127.0.0.1:${port}`, databaseUrl, agent });
      const cookie = await app.cookieOf(2);
      const statusOf = async (path: string) =>
        (await app.ask(path, { method: 'HEAD', headers: { Cookie: cookie } }).catch(() => null))?.status ?? 0;
      const isUp = await comesTrue(async () => (await statusOf(STREAM)) === 200, START_LIMIT_MS);
      if (!isUp) throw new Error(`The development server has no stream:\n${server.output()}`);
      verdict.expect(
        (await statusOf(`${STREAM},OrderMoved`)) === 404,
        'A type that nobody defined is known.',
      );

      const list = readFileSync(join(copy.folder, 'app/event-types.ts'), 'utf8');
      const since = performance.now();
      writeFileSync(join(copy.folder, 'app/order-moved.ts'), ORDER_MOVED);
      edit('app/event-types.ts', (text) =>
        text
          .replace(/^/, "import { OrderMoved } from '@/app/order-moved.ts';\n")
          .replace('  PostCommented,\n])', '  PostCommented,\n  OrderMoved,\n])'),
      );
      const broken: number[] = [];
      const isSeen = await comesTrue(async () => {
        const old = await statusOf(STREAM);
        if (old !== 200) broken.push(old);
        return (await statusOf(`${STREAM},OrderMoved`)) === 200;
      }, SEEN_LIMIT_MS);
      const seenMs = performance.now() - since;
      verdict.expect(isSeen, 'The new type is not known without a restart.');
      verdict.expect(
        broken.length === 0,
        `Meanwhile the other types were answered with ${broken.join(', ')}.`,
      );
      const id = await expectReadAndPressed(app, { cookie, verdict });
      await expectPageAsksFor('OrderMoved', { url: `${app.url}/`, cookie, verdict });

      edit('app/event-types.ts', () => list);
      verdict.expect(
        await comesTrue(async () => (await statusOf(`${STREAM},OrderMoved`)) === 404, SEEN_LIMIT_MS),
        'A type that was removed is still known.',
      );
      verdict.expect((await statusOf(STREAM)) === 200, 'The others went with it.');
      const left = await readItem(app, { cookie, id, language: 'zh-TW' });
      verdict.expect(
        left?.title === READ.en[0] && left?.actions.length === 0,
        `What was sent of it reads as ${JSON.stringify(left)}.`,
      );
      return verdict.finding(
        `${short ? '' : 'the model is named; '}the new type is there after ${seenMs.toFixed(0)} ms`,
      );
    } finally {
      agent.destroy();
      await server?.stop();
      remove();
    }
  },
};

/** Sends the new type by its name, reads it in each language, and presses its button. Gives its id. */
async function expectReadAndPressed(
  app: App,
  { cookie, verdict }: { cookie: string; verdict: Verdict },
): Promise<number> {
  const json = { 'Content-Type': 'application/json' };
  const sent = await app.ask('/notifications/send', {
    method: 'POST',
    headers: { ...json, Authorization: `Bearer ${TOKEN}` },
    body: JSON.stringify({ type: 'OrderMoved', payload: { place: 'Taipei' }, to: { user: '2' } }),
  });
  verdict.expect(sent.status === 201, `Sent by its name it was answered with ${sent.status}: ${sent.text}`);
  const { id = 0 } = JSON.parse(sent.text) as { id?: number };
  for (const [language, words] of Object.entries(READ)) {
    const item = await readItem(app, { cookie, id, language });
    const read = [item?.title, item?.actions[0]?.label];
    verdict.expect(read.join() === words.join(), `In ${language} it reads ${read.join()}.`);
  }
  const pressed = await app.ask('/notifications/act', {
    method: 'POST',
    headers: { ...json, Cookie: cookie, Origin: app.url },
    body: JSON.stringify({ id, action: 'collect' }),
  });
  verdict.expect(pressed.status === 200, `Its button was answered with ${pressed.status}: ${pressed.text}`);
  return id;
}

async function readItem(
  app: App,
  { cookie, id, language }: { cookie: string; id: number; language: string },
): Promise<ItemJson | undefined> {
  const headers = { Cookie: cookie, 'Accept-Language': language };
  const { text } = await app.ask('/notifications/poll?view=all', { headers });
  const { notifications = [] } = JSON.parse(text) as { notifications?: ItemJson[] };
  return notifications.find((item) => item.id === id);
}

/** Its code is compiled for it, which takes long. */
async function expectPageAsksFor(
  type: string,
  { url, cookie, verdict }: { url: string; cookie: string; verdict: Verdict },
): Promise<void> {
  const signal = AbortSignal.timeout(START_LIMIT_MS);
  const page = await fetch(url, { headers: { Cookie: cookie }, signal });
  const text = await page.text();
  verdict.expect(page.ok && text.includes(type), `The page (${page.status}) does not ask for ${type}.`);
}

/** The start with a model that no migration makes, and the command that it names. */
async function startWithoutMigration(
  folder: string,
  dev: () => Development,
  verdict: Verdict,
): Promise<void> {
  const path = join(folder, 'prisma/schema.prisma');
  const schema = readFileSync(path, 'utf8');
  appendFileSync(path, '\nmodel Project {\n  id Int @id @default(autoincrement())\n}\n');
  const server = dev();
  await comesTrue(() => server.child.exitCode !== null, START_LIMIT_MS);
  verdict.expect(
    server.output().includes('The schema in prisma/ has the model Project, and no migration makes it.') &&
      server.child.exitCode === 1,
    `Without a migration the start ended with ${server.child.exitCode}: ${server.output()}`,
  );
  await server.stop();
  const printed = await promisify(execFile)(process.execPath, ['scripts/print-migration.ts'], {
    cwd: folder,
  });
  verdict.expect(printed.stdout.includes('CREATE TABLE "Project"'), `The command printed: ${printed.stdout}`);
  writeFileSync(path, schema);
}

interface Development {
  child: ChildProcess;
  output: () => string;
  stop: () => Promise<void>;
}

function startDevelopment(folder: string, env: NodeJS.ProcessEnv): Development {
  const child = spawn('npm', ['run', 'dev'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  return {
    child,
    output: () => output,
    stop: async () => {
      child.kill('SIGTERM');
      await comesTrue(() => child.exitCode !== null || child.signalCode !== null, 10_000);
    },
  };
}
