/** Two instances that were built by themselves: whatever page one of them served, the other takes its form. */
import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { copyProject } from '../support/project-copy.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { ADMIN, type Belfry, temporaryFolder, withBelfry } from './belfry.ts';
import { type Circumstances, type Fault, Verdict } from './fault.ts';
import { atTheEnd } from './leftovers.ts';
import { range } from './waiting.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FORMS = 20;

export const twoBuilds: Fault = {
  name: 'two-builds',
  breaks: `nothing: of ${FORMS} forms, each is opened on one instance and sent to another, which was built by another command (in full: in another folder)`,
  bound: `${FORMS} of ${FORMS} are taken, and every file of the one's pages is on the other`,
  runs: 'alone',
  limitSeconds: { short: 60, full: 600 },
  dependsOnStreamPath: false,
  take: (circumstances) =>
    withBelfry(circumstances, async (one) => {
      const verdict = new Verdict();
      const { server: other, remove } = await otherBuild(one, circumstances);
      try {
        const cookie = await one.cookieOf(ADMIN);
        const answers: number[] = [];
        let files = 0;
        for (const index of range(FORMS)) {
          const [from, to] = index % 2 === 0 ? [one.url, other.url] : [other.url, one.url];
          const page = await openPage({ url: from, path: '/admin', cookie });
          answers.push(await sendNotice({ to, action: page.actionId, cookie, title: `Form ${index}` }));
          if (index > 1) continue;
          files += page.files.length;
          for (const file of page.files) {
            const { status } = await fetch(`${to}${file}`);
            verdict.expect(status === 200, `${file} is answered with ${status} by the other instance.`);
          }
        }
        const stored = (one.sql('SELECT count(*) AS n FROM belfry_event') as { n: number }[])[0]?.n;
        verdict.expect(
          answers.every((status) => status === 200),
          `Forms were answered with ${[...new Set(answers)].join(', ')}.`,
        );
        verdict.expect(stored === FORMS, `${stored} of ${FORMS} notices are stored.`);
        verdict.expect(files > 10, `The pages name ${files} files only.`);
        return verdict.finding(`${stored} of ${FORMS} forms taken; ${files} files of two pages on both`);
      } finally {
        await remove();
      }
    }),
};

/** An instance of another build on the same database: that for containers or, in full, one made in another folder. */
async function otherBuild(
  { environment }: Belfry,
  { short }: Circumstances,
): Promise<{ server: TestServer; remove: () => Promise<void> }> {
  // Outside the project, as a container has it.
  const { folder, remove } = temporaryFolder();
  const standalone = join(folder, 'standalone');
  const copyOf = (project: string) =>
    cpSync(join(project, '.next-standalone/standalone'), standalone, {
      recursive: true,
      verbatimSymlinks: true,
    });
  if (short) copyOf(ROOT);
  else inAnotherFolder(copyOf);
  const server = await startServer({ standalone, env: { ...environment, BELFRY_HOST: '127.0.0.1' } });
  return {
    server,
    remove: async () => {
      await server.remove();
      remove();
    },
  };
}

function inAnotherFolder(work: (project: string) => void): void {
  const copy = copyProject({ built: false });
  const remove = atTheEnd(copy.remove);
  const built = spawnSync(process.execPath, ['scripts/build-standalone.mjs'], { cwd: copy.folder });
  if (built.status !== 0) throw new Error(`The copy was not built: ${built.stdout}${built.stderr}`);
  work(copy.folder);
  remove();
}

/** What a browser reads of a page: its files, and by which name its form's action is called. */
async function openPage({ url, path, cookie }: { url: string; path: string; cookie: string }) {
  const html = await (await fetch(`${url}${path}`, { headers: { Cookie: cookie } })).text();
  const files = [...new Set(html.match(/\/_next\/static\/[\w./~-]+\.(js|css)/g))];
  for (const file of files) {
    const [, actionId] =
      /"([0-9a-f]{42})"[^"]{0,80}"sendNotice"/.exec(await (await fetch(`${url}${file}`)).text()) ?? [];
    if (actionId) return { files, actionId };
  }
  throw new Error(`${url}${path} names no action.`);
}

/** The request that a browser makes when the form of /admin is sent. */
async function sendNotice({
  to,
  action,
  cookie,
  title,
}: {
  to: string;
  action: string;
  cookie: string;
  title: string;
}): Promise<number> {
  const body = new FormData();
  const fields = {
    title,
    message: 'Across',
    priority: 'NORMAL',
    expires: 'never',
    draftId: crypto.randomUUID(),
  };
  for (const [name, value] of Object.entries(fields)) body.set(`_1_${name}`, value);
  body.set('0', '[null,"$K1"]');
  const headers = { Cookie: cookie, Origin: to, 'Next-Action': action, Accept: 'text/x-component' };
  return (await fetch(`${to}/admin`, { method: 'POST', headers, body })).status;
}
