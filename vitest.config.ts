import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** How many random sequences and orders `npm run test:sequences` takes; without it each test says how few. */
const MANY = { SEQUENCES: '10000', INTERLEAVINGS: '10000' };

export default defineConfig(({ mode }) => ({
  resolve: {
    alias: { '@': here('.') },
  },
  test: {
    environment: 'node',
    env: mode === 'sequences' ? MANY : {},
    pool: 'forks',
    // Vitest would leave one core alone: on two, files would go one by one.
    maxWorkers: '100%',
    tags: [
      { name: 'long', description: 'Left to `npm run test:all`.' },
      { name: 'once', description: 'Of no one database: `npm test` takes it on SQLite alone.' },
    ],
    projects: [
      { extends: true, test: { name: 'unit', include: ['test/unit/**/*.test.ts'] } },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          exclude: ['test/integration/postgresql-*.test.ts'],
          globalSetup: 'test/support/sqlite-setup.ts',
          testTimeout: 20_000,
          provide: { postgresqlUrl: undefined },
        },
      },
      {
        extends: true,
        test: {
          name: 'integration-postgresql',
          include: ['test/integration/**/*.test.ts'],
          // About the embedded database itself, or the same whichever database there is.
          exclude: [
            'test/integration/sqlite-*.test.ts',
            'test/integration/event-stream.test.ts',
            'test/integration/refused-start.test.ts',
            'test/integration/routes-headers.test.ts',
            'test/integration/registry.test.ts',
            'test/integration/package.test.ts',
            'test/integration/cli.test.ts',
            'test/integration/builds.test.ts',
            'test/integration/testing.test.ts',
            'test/integration/redis-*.test.ts',
            'test/integration/event-bus.test.ts',
            'test/integration/tracing.test.ts',
          ],
          globalSetup: 'test/support/postgresql-setup.ts',
          testTimeout: 20_000,
        },
      },
    ],
  },
}));
