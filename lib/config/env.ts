/**
 * The only reader of `process.env`. Parsed once; a value that cannot be used stops the start with a
 * sentence that says which variable it is and what it may hold.
 */
import { z } from 'zod';
import { BelfryError } from '../belfry/protocol/errors.ts';
import { sslProblem, withSslDefaults } from '../database/postgresql-options.ts';
import { parseTrustedProxies } from '../http/trusted-proxies.ts';
import { isSentinelUrl, parseSentinelUrl } from '../redis/redis-url.ts';
import {
  DEFAULT_DATABASE_URL,
  DEFAULT_HOST,
  DEFAULT_PORT,
  demoAccounts,
  isLoopbackHost,
} from './start-settings.mjs';

const wholeNumber = (name: string) =>
  z
    .string()
    .regex(/^[1-9]\d{0,8}$/, `${name} must be a whole number above 0.`)
    .transform(Number);
const positiveInteger = (name: string, fallback: number) => wholeNumber(name).default(fallback);

// The build puts the value in its place; see next.config.mjs.
const BUILT_AS = process.env.BELFRY_VERSION ?? 'development';
// A name, and perhaps a port: "*." stands for all hosts below a domain, but not for all below a top-level one.
const IMAGE_HOST = /^(\*\.(?=[^.]+\.))?[a-z\d-]+(\.[a-z\d-]+)*(:\d{1,5})?$/;

const environmentSchema = z.object({
  NODE_ENV: z.string().default('development'),
  BELFRY_HOST: z.string().default(DEFAULT_HOST),
  PORT: z
    .string()
    .regex(/^\d{1,5}$/, 'PORT must be a number from 1 to 65535.')
    .transform(Number)
    .refine((port) => port >= 1 && port <= 65_535, 'PORT must be a number from 1 to 65535.')
    .default(DEFAULT_PORT),
  DATABASE_URL: z
    .string()
    .regex(
      /^(file:.+|postgres(ql)?:\/\/.+)$/,
      'DATABASE_URL must start with file: (the embedded database) or postgresql://.',
    )
    .refine(
      (url) => url.startsWith('file:') || URL.canParse(url),
      'DATABASE_URL is no address. Write special characters in the password as %XX.',
    )
    .refine(
      (url) => ['public', null, undefined].includes(URL.parse(url)?.searchParams.get('schema')),
      'DATABASE_URL names a schema, but Belfry keeps its tables in "public": leave ?schema= out, and give it a database of its own.',
    )
    .superRefine((url, context) => {
      const problem = sslProblem(url);
      if (problem !== null) context.addIssue({ code: 'custom', message: problem });
    })
    .default(DEFAULT_DATABASE_URL),
  // libpq's own names, as psql reads them. Those for host, name and password the driver reads itself.
  PGSSLMODE: z.string().optional(),
  PGSSLROOTCERT: z.string().optional(),
  PGSSLCERT: z.string().optional(),
  PGSSLKEY: z.string().optional(),
  REDIS_URL: z
    .string()
    .regex(
      /^rediss?(\+sentinel)?:\/\/.+$/,
      'REDIS_URL must start with redis:// or rediss://, or for Sentinel with redis+sentinel:// or rediss+sentinel://.',
    )
    .refine(
      (url) => !isSentinelUrl(url) || parseSentinelUrl(url) !== null,
      'REDIS_URL for Sentinel is written redis+sentinel://:password@host:26379,host:26379/name-of-the-master, with special characters of the password as %XX.',
    )
    .refine(
      (url) => isSentinelUrl(url) || URL.canParse(url),
      'REDIS_URL is no address. Write special characters in the password as %XX.',
    )
    .optional(),
  NEXTAUTH_SECRET: z
    .string()
    .min(16, 'NEXTAUTH_SECRET must have at least 16 characters; `openssl rand -base64 32` makes a good one.')
    .optional(),
  NEXTAUTH_URL: z
    .string()
    .regex(
      /^https?:\/\/[^/]+\/?$/,
      'NEXTAUTH_URL must be the address of this site, such as https://example.com.',
    )
    .optional(),
  TRUSTED_PROXIES: z
    .string()
    .default('')
    .transform((list, context) => {
      const trusted = parseTrustedProxies(list);
      if (trusted) return trusted;
      context.addIssue(
        'TRUSTED_PROXIES must be addresses and ranges with commas in between, such as 127.0.0.1,10.0.0.0/8,fd00::/8.',
      );
      return z.NEVER;
    }),
  IMAGE_HOSTS: z
    .string()
    .transform((list) => list.split(',').map((host) => host.trim().toLowerCase()))
    .refine(
      (hosts) => hosts.every((host) => IMAGE_HOST.test(host)),
      'IMAGE_HOSTS must be hosts with commas between, such as avatars.example.com or *.example.com, without https://.',
    )
    .default([]),
  MAX_STREAMS_PER_USER: positiveInteger('MAX_STREAMS_PER_USER', 10),
  MAX_STREAM_SECONDS: wholeNumber('MAX_STREAM_SECONDS').optional(),
  SEND_LIMIT_PER_MINUTE: positiveInteger('SEND_LIMIT_PER_MINUTE', 600),
  POLL_LIMIT_PER_MINUTE: positiveInteger('POLL_LIMIT_PER_MINUTE', 600),
  CONNECT_LIMIT_PER_MINUTE: positiveInteger('CONNECT_LIMIT_PER_MINUTE', 120),
  CHANGE_LIMIT_PER_MINUTE: positiveInteger('CHANGE_LIMIT_PER_MINUTE', 600),
  AUDIT_DAYS: z
    .string()
    .regex(/^(off|\d{1,5})$/, 'AUDIT_DAYS must be a whole number of days, or off.')
    .transform((days) => (days === 'off' ? 0 : Number(days)))
    .default(365),
  BELFRY_DEMO: z.enum(['0', '1'], 'BELFRY_DEMO must be 1 or 0.').optional(),
  LOG_LEVEL: z
    .enum(
      ['debug', 'info', 'warn', 'error', 'silent'],
      'LOG_LEVEL must be debug, info, warn, error or silent.',
    )
    .default('info'),
  STREAM_PATH: z.enum(['handover', 'plain'], 'STREAM_PATH must be handover or plain.').default('handover'),
  // OpenTelemetry's own names. Values that it does not know it ignores, and so does lib/telemetry/trace-export.ts.
  OTEL_SDK_DISABLED: z.string().optional(),
  OTEL_TRACES_EXPORTER: z.string().optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.string().optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: z.string().optional(),
  OTEL_TRACES_SAMPLER: z.string().default('parentbased_always_on'),
  OTEL_TRACES_SAMPLER_ARG: z.string().optional(),
  BELFRY_VERSION: z.string().optional(),
  NEXT_PHASE: z.string().optional(),
});

export interface TracingSettings {
  sampler: string;
  samplerArgument: string | undefined;
}

/**
 * Turns raw variables into the settings of the app. An empty variable counts as unset.
 *
 * @throws BelfryError `bad_environment` with one sentence for each variable that cannot be used.
 */
export function parseEnvironment(raw: Record<string, string | undefined>) {
  const present = Object.fromEntries(
    Object.entries(raw).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = environmentSchema.safeParse(present);
  if (!parsed.success) {
    throw new BelfryError('bad_environment', parsed.error.issues.map((issue) => issue.message).join(' '));
  }
  const values = parsed.data;
  const listensOnLoopback = isLoopbackHost(values.BELFRY_HOST);
  const isBuilding = values.NEXT_PHASE === 'phase-production-build';
  if (!listensOnLoopback && !values.NEXTAUTH_SECRET && !isBuilding) {
    throw new BelfryError(
      'bad_environment',
      `Belfry does not listen on ${values.BELFRY_HOST} without NEXTAUTH_SECRET: anybody could forge a session. Set it to the output of \`openssl rand -base64 32\`.`,
    );
  }
  return {
    production: values.NODE_ENV === 'production',
    databaseUrl: withSslDefaults(values.DATABASE_URL, {
      sslmode: values.PGSSLMODE,
      sslrootcert: values.PGSSLROOTCERT,
      sslcert: values.PGSSLCERT,
      sslkey: values.PGSSLKEY,
    }),
    redisUrl: values.REDIS_URL,
    /** Undefined: a secret is made and kept beside the embedded database. See lib/auth/secret.ts. */
    authSecret: values.NEXTAUTH_SECRET,
    authUrl: values.NEXTAUTH_URL,
    /** Hosts from which pages may show images, over https. */
    imageHosts: values.IMAGE_HOSTS,
    /** Whose forwarded headers count. See lib/http/trusted-proxies.ts. */
    trustedProxies: values.TRUSTED_PROXIES,
    maxStreamsPerUser: values.MAX_STREAMS_PER_USER,
    /** How long a stream may last, in milliseconds; undefined: as long as it likes. */
    maxStreamMs: values.MAX_STREAM_SECONDS === undefined ? undefined : values.MAX_STREAM_SECONDS * 1_000,
    sendLimitPerMinute: values.SEND_LIMIT_PER_MINUTE,
    /** How often one user may ask an instance: see lib/belfry/accounts/authorize.ts. */
    pollLimitPerMinute: values.POLL_LIMIT_PER_MINUTE,
    connectLimitPerMinute: values.CONNECT_LIMIT_PER_MINUTE,
    changeLimitPerMinute: values.CHANGE_LIMIT_PER_MINUTE,
    /** For how many days the audit trail is kept; 0: not at all. See lib/auth/audit.ts. */
    auditDays: values.AUDIT_DAYS,
    /** Whether there are demo accounts, and with what password. See lib/auth/demo-accounts.ts. */
    demoAccounts: demoAccounts({ ...values, TRUSTED_PROXIES: values.TRUSTED_PROXIES.rules.length > 0 }),
    logLevel: values.LOG_LEVEL,
    /** How a stream's bytes reach the network. See lib/belfry/http/stream-handover.ts. */
    streamPath: values.STREAM_PATH,
    tracing: tracingSettings(values),
    /** Which build this is; the same for all builds of the same sources. A variable at run time says otherwise. */
    version: values.BELFRY_VERSION ?? BUILT_AS,
  };
}

/** Null unless a collector is named: nothing is collected then, nor loaded for it. */
function tracingSettings(values: z.infer<typeof environmentSchema>): TracingSettings | null {
  const endpoint = values.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? values.OTEL_EXPORTER_OTLP_ENDPOINT;
  const isOff = values.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || values.OTEL_TRACES_EXPORTER === 'none';
  if (!endpoint || isOff) return null;
  return { sampler: values.OTEL_TRACES_SAMPLER, samplerArgument: values.OTEL_TRACES_SAMPLER_ARG };
}

/** The settings of this process, read once. */
export const env = parseEnvironment(process.env);

// next-auth reads this itself. Without a fixed address it must believe the Host header, so that
// http://localhost:3000 works as well as http://127.0.0.1:3000.
if (!env.authUrl) process.env.AUTH_TRUST_HOST ??= 'true';

/** Hands Next the key of lib/auth/secret.ts, which it reads from here at the first use. One that was set stays. */
export function setActionKey(key: string): void {
  process.env.NEXT_SERVER_ACTIONS_ENCRYPTION_KEY ||= key;
}
