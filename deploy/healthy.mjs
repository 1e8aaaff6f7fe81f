// For HEALTHCHECK: exits with 0 while the server in this container answers that it is well.

const LIMIT_MS = 4_000;

const host = process.env.BELFRY_HOST || '127.0.0.1';
// A connection to "every address" reaches this machine, but not on every system.
const name = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host;
const reachable = name.includes(':') ? `[${name}]` : name;

try {
  const response = await fetch(`http://${reachable}:${process.env.PORT || 3000}/api/health`, {
    signal: AbortSignal.timeout(LIMIT_MS),
  });
  process.exitCode = response.ok ? 0 : 1;
} catch {
  process.exitCode = 1;
}
