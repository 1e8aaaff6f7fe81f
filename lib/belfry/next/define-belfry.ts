/**
 * One Belfry a process. Next bundles route handlers, pages and instrumentation separately, so that a module's `const`
 * exists two or three times in one server; what hangs on `globalThis` exists once.
 */
import type { SignedInUser, Users } from '../accounts/accounts.ts';
import { type Belfry, type BelfryOptions, BUILT_IN, createBelfry } from '../create-belfry.ts';
import { EventTypeRegistry } from '../definitions/registry.ts';
import { takeStreamConnection, watchStreamConnections } from '../http/stream-connections.ts';
import { Languages } from '../language/languages.ts';
import { plainLog } from '../log.ts';
import type { SqlDatabase } from '../storage/database.ts';
import { lazyDatabase } from '../storage/lazy-database.ts';

interface Kept {
  belfry: Belfry;
  /** Of the module as it was loaded last. */
  users: Users;
  types: EventTypeRegistry;
}

const KEPT = Symbol.for('belfry.defined');

/**
 * As `createBelfry`, made once in a process, whatever bundles and reloads its module, and ended with the process. What it asks of the app (`users`)
 * and the types of events are those of the module as it was loaded last, so that a change under `next dev` counts at once;
 * all else is as it was first said.
 *
 *     export const belfry = defineBelfry({ database: prismaDatabase(prisma, { provider: 'sqlite' }), users: { current } });
 */
export function defineBelfry({ types = [], ...options }: DefineOptions): Belfry {
  const holder = globalThis as typeof globalThis & { [KEPT]?: Kept };
  const kept = holder[KEPT] ?? make(options);
  holder[KEPT] = kept;
  kept.users = options.users ?? {};
  kept.types.registerAll([...BUILT_IN, ...types]);
  return kept.belfry;
}

/** What an app says of its one Belfry. */
export type DefineOptions = Omit<BelfryOptions, 'types' | 'database' | 'takeConnection'> & {
  /** As `createBelfry` takes it, or a function that opens it when it is first needed. */
  database: SqlDatabase | (() => SqlDatabase);
  types?: Exclude<BelfryOptions['types'], EventTypeRegistry>;
  /**
   * Takes the connections of streams over from Next, which halves what a stream costs. It is no API of Next's: where it
   * does not find what it needs, streams go on through Next. Default: false.
   */
  handOver?: boolean | undefined;
};

function make({
  database: given,
  handOver = false,
  onStarted,
  ...options
}: Omit<DefineOptions, 'types'>): Kept {
  if (handOver) watchStreamConnections();
  const database = typeof given === 'function' ? lazyDatabase(given) : given;
  const { log = plainLog, languages } = options;
  const types = new EventTypeRegistry({ languages: new Languages(languages), log });
  const users: Users = {
    current: async (request): Promise<SignedInUser | null> => (await kept.users.current?.(request)) ?? null,
    get find() {
      return kept.users.find;
    },
    get list() {
      return kept.users.list;
    },
  };
  const kept: Kept = {
    belfry: createBelfry({
      ...options,
      database,
      users,
      types,
      ...(handOver ? { takeConnection: takeStreamConnection } : {}),
      onStarted() {
        stopWithProcess(kept.belfry);
        onStarted?.();
      },
    }),
    users: {},
    types,
  };
  return kept;
}

/** Next lets a process go once all its connections have ended, and streams would not end by themselves. */
function stopWithProcess(belfry: Belfry): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, async () => {
      // Whoever listens takes it upon themselves to end the process: Next does, and a server of one's own may not.
      const isAlone = process.listenerCount(signal) === 0;
      await belfry.shutdown();
      if (isAlone) process.kill(process.pid, signal);
    });
  }
}
