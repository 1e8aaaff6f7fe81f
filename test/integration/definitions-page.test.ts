/**
 * The page docs/definitions.md and what README.md says of definitions, as they are written: their files stand in an app whose other
 * rooms are this one's, compile, and their tests pass.
 *
 * @module-tag once
 */
// First: the app and Next look at what is around them when they are loaded.
import '../support/app-database.ts';
import '../support/next-request.ts';

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { GET as answerTo } from '@/app/notifications/[id]/answer/route.ts';
import { POST as send } from '@/app/notifications/send/route.ts';
import { createAccount } from '@/lib/auth/accounts.ts';
import { commandLineActor } from '@/lib/auth/actor.ts';
import { createApiToken } from '@/lib/auth/api-token.ts';
import { belfry } from '@/lib/belfry.ts';
import { until } from '../support/engine.ts';
import { Browser } from '../support/next-request.ts';
import { runToEnd } from '../support/run-to-end.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PAGES = ['README.md', 'docs/definitions.md'].map((page) => readFileSync(join(ROOT, page), 'utf8'));
// A few seconds where nothing else runs.
const TIME_LIMIT_MS = 60_000;
const SHARED = ['generated', 'lib', 'node_modules', 'next-env.d.ts', 'package.json', 'prisma'];
const COMPILED = {
  extends: join(ROOT, 'tsconfig.json'),
  compilerOptions: { incremental: false, plugins: [], paths: { '@/*': ['./*'] } },
  include: ['next-env.d.ts', 'app'],
};
/** One process for all: each would load the whole of it. */
const TESTED = (folder: string) => ({
  resolve: { alias: { '@': folder } },
  test: { isolate: false, maxWorkers: 1 },
});
const run = promisify(execFile);

/** The blocks of code whose first line names a file. */
const files = new Map(
  [...PAGES.join('\n').matchAll(/^```\w+\n\/\/ (\S+)\n([\s\S]*?)^```$/gm)].map(([, path = '', code = '']) => [
    path,
    code,
  ]),
);
let app: string;

beforeAll(() => {
  app = mkdtempSync(join(tmpdir(), 'belfry-definitions-'));
  for (const name of SHARED) symlinkSync(join(ROOT, name), join(app, name));
  write('tsconfig.json', JSON.stringify(COMPILED));
  write('vitest.config.mjs', `export default ${JSON.stringify(TESTED(app))};\n`);
  for (const [path, code] of files) write(path, code);
});
afterAll(() => rmSync(app, { recursive: true, force: true }));

function write(path: string, code: string): void {
  mkdirSync(dirname(join(app, path)), { recursive: true });
  writeFileSync(join(app, path), code);
}

/** Runs a tool of the project's in the app. What it says comes with the error, when it is not content. */
async function runTool(tool: string, ...args: string[]): Promise<void> {
  const own = Object.entries(process.env).filter(([name]) => !/^(NODE_OPTIONS|VITEST)/.test(name));
  const env = Object.fromEntries(own) as NodeJS.ProcessEnv;
  const options = { cwd: app, env, maxBuffer: 10_000_000 };
  await run(process.execPath, [join(ROOT, 'node_modules', tool), ...args], options).catch(
    ({ stdout, stderr }) => {
      throw new Error(`${stdout}${stderr}`);
    },
  );
}

test('what they say compiles', { timeout: TIME_LIMIT_MS }, async () => {
  await runTool('typescript/bin/tsc', '--project', 'tsconfig.json');
});

test('their tests pass, all of them', { timeout: TIME_LIMIT_MS }, async () => {
  await runTool(
    'vitest/vitest.mjs',
    'run',
    '--reporter=default',
    '--reporter=json',
    '--outputFile=told.json',
  );
  const written = [...files].flatMap(([path, code]) =>
    /\.test\.ts$/.test(path) ? code.match(/^test\(/gm) : [],
  );
  const told = JSON.parse(readFileSync(join(app, 'told.json'), 'utf8'));
  expect(told).toMatchObject({ numPassedTests: written.length, numTotalTests: written.length });
  expect(written.length).toBeGreaterThanOrEqual(5);
});

test('a program that asks over HTTP, by the name of a question, has the answer and goes by it', async () => {
  // Lists what the page defines.
  await import(join(app, 'app/event-types.ts'));
  const account = { email: 'ada@example.com', name: 'Ada', password: 'correct horse', role: 'USER' } as const;
  const { id: ada } = await createAccount(account, commandLineActor());
  const { token } = await createApiToken(
    { name: 'ci', scopes: ['send'], expiresAt: null },
    commandLineActor(),
  );
  const server = await serveRoutes();
  const userId = String(ada);
  const mayDeploy = (version: string) =>
    runToEnd(['scripts/may-deploy.mjs', version, userId], {
      cwd: app,
      env: { BELFRY_URL: server.url, BELFRY_TOKEN: token },
    });
  const answer = async (title: string, action: string, input?: string) => {
    const reader = belfry.languages.readerOf({ locale: 'zh-TW' });
    const find = async () =>
      (await belfry.notifications.fetchPage({ userId, reader })).notifications.find(
        (item) => item.title === title,
      );
    await until(async () => (await find()) !== undefined);
    await belfry.notifications.act({ userId, id: (await find())?.id ?? 0, action, input });
  };
  try {
    const [agreed] = await Promise.all([mayDeploy('1.4.0'), answer('要部署 1.4.0 嗎？', 'approve')]);
    expect(agreed).toEqual({ code: 0, output: `approve by ${userId}\n` });
    const [refused] = await Promise.all([
      mayDeploy('1.4.1'),
      answer('要部署 1.4.1 嗎？', 'refuse', 'Friday'),
    ]);
    expect(refused).toEqual({ code: 1, output: `refuse by ${userId}\n` });
    // Started again, it asks nobody.
    expect(await mayDeploy('1.4.0')).toEqual(agreed);
  } finally {
    await server.close();
  }
});

/** This app's two routes for programs, without Next. */
async function serveRoutes(): Promise<{ url: string; close: () => Promise<void> }> {
  await belfry.start();
  const program = new Browser();
  const server = createServer(async (incoming, outgoing) => {
    const { method = 'GET', url = '/' } = incoming;
    const headers = incoming.headers as Record<string, string>;
    const id = /^\/notifications\/(\d+)\/answer/.exec(url)?.[1];
    const response = id
      ? await program.ask(answerTo, url, { headers, context: { params: Promise.resolve({ id }) } })
      : await program.ask(send, url, { method, headers, body: await text(incoming), context: {} });
    outgoing.writeHead(response.status).end(await response.text());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await belfry.shutdown();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}
