import { PHASE_PRODUCTION_BUILD } from 'next/constants.js';

// Loaded from node_modules at run time: they hold native code, or must exist once in a process.
const EXTERNAL_PACKAGES = [
  'better-sqlite3',
  '@prisma/adapter-better-sqlite3',
  '@node-rs/argon2',
  '@opentelemetry/api',
  '@opentelemetry/context-async-hooks',
  '@opentelemetry/core',
  '@opentelemetry/exporter-trace-otlp-proto',
  '@opentelemetry/resources',
  '@opentelemetry/sdk-trace',
  'pino',
  'prom-client',
];

// For containers: a folder that runs without the sources and without an installation. A build of its own,
// in a place of its own, since `next start`, which `npm start` uses, does not serve this form.
const STANDALONE = {
  output: 'standalone',
  distDir: '.next-standalone',
  // What is read by a path that is put together at run time, and so may escape the search for files.
  outputFileTracingIncludes: {
    '/*': [
      'prisma/migrations/**/*',
      `node_modules/better-sqlite3/prebuilds/linux*-${process.arch}.node`,
      'node_modules/@node-rs/argon2-*/*.node',
    ],
  },
  // What a path that is put together might seem to mean.
  outputFileTracingExcludes: {
    '/*': ['bench', 'data', 'deploy', 'docs', 'e2e', 'sbom', 'scripts', 'test', 'test-results'].map(
      (folder) => `${folder}/**`,
    ),
  },
};

// What Next would make anew for each build, so that no two of the same sources would know each other's actions.
// It only enters into their names; what they are bound to is encrypted with a secret of the running server
// (`actionKey` in lib/auth/secret.ts).
const NAMES_OF_ACTIONS = Buffer.alloc(32, 'names of actions').toString('base64');

/** @returns {import('next').NextConfig} */
export default function config(phase) {
  if (phase === PHASE_PRODUCTION_BUILD) process.env.NEXT_SERVER_ACTIONS_ENCRYPTION_KEY = NAMES_OF_ACTIONS;
  // A fingerprint of the sources, which scripts/build.mjs gives; a build without it is like no other.
  const { BELFRY_VERSION: version } = process.env;
  return {
    generateBuildId: () => version ?? null,
    env: version ? { BELFRY_VERSION: version } : {},
    reactStrictMode: true,
    poweredByHeader: false,
    typescript: {
      // What the app is made of: a mistake in a test or a benchmark must not keep it from starting.
      tsconfigPath: 'tsconfig.app.json',
      // `npm test` has looked already.
      ignoreBuildErrors: process.env.BELFRY_TYPES_CHECKED === '1',
    },
    // A page may answer 403 with app/forbidden.tsx.
    experimental: { authInterrupts: true },
    serverExternalPackages: EXTERNAL_PACKAGES,
    // No page needs it, and whoever asks it for many images fills the disk.
    images: { unoptimized: true },
    // A lock file in a folder above would otherwise make that folder the root.
    turbopack: { root: import.meta.dirname },
    ...(process.env.BELFRY_STANDALONE === '1' ? STANDALONE : {}),
  };
}
