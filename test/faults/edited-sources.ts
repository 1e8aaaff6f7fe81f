/** Sources change while `npm start` runs, others want to build, and then npm is ended without its server. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../support/free-port.ts';
import { copyProject } from '../support/project-copy.ts';
import { type Fault, largest, Verdict } from './fault.ts';
import { atTheEnd } from './leftovers.ts';
import { comesTrue } from './waiting.ts';

const START_LIMIT_MS = 60_000;
// The app promises to be gone in 5 s; who ends npm notices within half a second.
const GONE_LIMIT_MS = 6_000;

export const editedSources: Fault = {
  name: 'edited-sources',
  breaks:
    'a source is edited while `npm start` runs, then `npm start` and `npm test` are run beside it; npm alone gets SIGTERM, and SIGKILL',
  bound:
    'nothing is built under the server, each refusal is a sentence, every file of its pages is still served; the server is gone within 6 s of npm',
  runs: 'alone',
  limitSeconds: { short: 180, full: 180 },
  dependsOnStreamPath: false,
  take: async () => {
    const verdict = new Verdict();
    const copy = copyProject({ built: true });
    const remove = atTheEnd(copy.remove);
    const started: ChildProcess[] = [];
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const npm = (args: string[], onPort = port) => runNpm(copy.folder, args, onPort);
    const start = async (onPort = port) => {
      const server = await startWithNpm(copy.folder, onPort);
      started.push(server.npm);
      return server;
    };
    try {
      const first = await start();
      const again = await npm(['start']);
      verdict.expect(
        again.output.includes(`Belfry is already running at ${url}\n`),
        `It said: ${again.output}`,
      );

      // Nothing has changed, so a second one of the same folder is right.
      const second = await start(await freePort());
      verdict.expect(
        await comesTrue(() => second.output().includes(`is also used by npm start at ${url}`), 5_000),
        `The second one does not tell of the first: ${second.output()}`,
      );
      second.npm.kill('SIGTERM');

      const stylesheet = join(copy.folder, 'app/globals.css');
      const before = readFileSync(stylesheet, 'utf8');
      appendFileSync(stylesheet, '\n.edited { color: red }\n');
      const changed = await npm(['start']);
      verdict.expect(
        changed.output.includes('sources have changed since it was built: stop it, then start again.'),
        `After the edit it said: ${changed.output}`,
      );
      for (const refused of [
        await npm(['start'], await freePort()),
        await npm(['test', '--', '--only', 'build']),
      ]) {
        verdict.expect(
          refused.code === 1 &&
            refused.output.includes(`Belfry is running at ${url}, and sources have changed since.`),
          `It was not refused (${refused.code}): ${refused.output}`,
        );
      }
      verdict.expect(existsSync(join(copy.folder, '.next/BUILD_ID')), 'The build is gone.');
      const files = await filesOf(url, '/sign-in');
      verdict.expect(files.length > 5, `The page names ${files.length} files.`);
      for (const file of files) {
        const { status } = await fetch(`${url}${file}`);
        verdict.expect(status === 200, `${file} is answered with ${status}.`);
      }

      const goneMs = [await endNpm(first.npm, url, 'SIGTERM')];
      writeFileSync(stylesheet, before);
      goneMs.push(await endNpm((await start()).npm, url, 'SIGKILL'));
      verdict.expect(!(await isThere(url)), 'A server is left.');
      verdict.expectWithin(largest(goneMs) < GONE_LIMIT_MS, `A server went ${largest(goneMs)} ms after npm.`);
      return verdict.finding(
        `4 commands refused, ${files.length} files still served; gone ${goneMs.map((ms) => ms.toFixed(0)).join(' and ')} ms after npm`,
      );
    } finally {
      for (const one of started) one.kill('SIGKILL');
      await comesTrue(async () => !(await isThere(url)), 2 * GONE_LIMIT_MS);
      remove();
    }
  },
};

function environment(port: number): NodeJS.ProcessEnv {
  const unset = { DATABASE_URL: '', REDIS_URL: '', NEXTAUTH_SECRET: '', NODE_OPTIONS: '' };
  return { ...process.env, ...unset, PORT: String(port), BELFRY_DEMO: '0' };
}

async function startWithNpm(folder: string, port: number) {
  const npm = spawn('npm', ['start'], {
    cwd: folder,
    env: environment(port),
    stdio: ['ignore', 'pipe', 'pipe'],
    // Not of our group: npm alone gets the signal.
    detached: true,
  });
  let output = '';
  for (const stream of [npm.stdout, npm.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  const isUp = await comesTrue(() => output.includes('Belfry is running at'), START_LIMIT_MS);
  if (!isUp) throw new Error(`It did not start:\n${output}`);
  return { npm, output: () => output };
}

function runNpm(folder: string, args: string[], port: number): Promise<{ code: number; output: string }> {
  const { promise, resolve } = Promise.withResolvers<{ code: number; output: string }>();
  const options = { cwd: folder, env: environment(port), timeout: START_LIMIT_MS };
  execFile('npm', args, options, (error, stdout, stderr) =>
    resolve({ code: error ? Number(error.code) : 0, output: `${stdout}${stderr}` }),
  );
  return promise;
}

async function endNpm(npm: ChildProcess, url: string, signal: NodeJS.Signals): Promise<number> {
  const since = performance.now();
  const exited = once(npm, 'exit');
  npm.kill(signal);
  await exited;
  await comesTrue(async () => !(await isThere(url)), 4 * GONE_LIMIT_MS);
  return performance.now() - since;
}

async function isThere(url: string): Promise<boolean> {
  return fetch(`${url}/api/health?live`).then(
    () => true,
    () => false,
  );
}

async function filesOf(url: string, path: string): Promise<string[]> {
  const html = await (await fetch(`${url}${path}`)).text();
  return [...new Set(html.match(/\/_next\/static\/[\w./~-]+\.(js|css)/g))];
}
