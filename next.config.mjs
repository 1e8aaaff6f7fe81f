import { PHASE_DEVELOPMENT_SERVER } from 'next/constants.js';

/** @returns {import('next').NextConfig} */
export default function config(phase) {
  return {
    reactStrictMode: true,
    poweredByHeader: false,
    // What the app is made of: a mistake in a test or a benchmark must not keep it from starting.
    typescript: { tsconfigPath: 'tsconfig.app.json' },
    // A page may answer 403 with app/forbidden.tsx.
    experimental: { authInterrupts: true },
    serverExternalPackages: [
      'better-sqlite3',
      '@prisma/adapter-better-sqlite3',
      '@node-rs/argon2',
      'pino',
      'prom-client',
    ],
    // A lock file in a folder above would otherwise make that folder the root.
    turbopack: { root: import.meta.dirname },
    headers: async () => [
      { source: '/:path*', headers: securityHeaders(phase === PHASE_DEVELOPMENT_SERVER) },
    ],
  };
}

function securityHeaders(dev) {
  const policy = [
    "default-src 'self'",
    // Next puts its data into inline scripts; a nonce for each would make every page dynamic.
    // Its development server evaluates modules, and reloads them over a web socket.
    `script-src 'self' 'unsafe-inline'${dev ? " 'unsafe-eval'" : ''}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self'${dev ? ' ws:' : ''}`,
    "object-src 'none'",
    "frame-ancestors 'none'",
    "base-uri 'self'",
    "form-action 'self'",
  ];
  return [
    { key: 'Content-Security-Policy', value: policy.join('; ') },
    { key: 'X-Content-Type-Options', value: 'nosniff' },
    { key: 'Referrer-Policy', value: 'strict-origin-when-cross-origin' },
  ];
}
