// The few settings that are needed before the app itself can read its environment (lib/config/env.ts does).

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as util from 'node:util';
import {
  DEFAULT_DATABASE_URL,
  DEFAULT_HOST,
  DEFAULT_PORT,
  demoAccounts,
  demoPasswordFile,
  embeddedDatabaseFile,
  isLoopbackHost,
} from '../lib/config/start-settings.mjs';
import { ROOT } from './command.mjs';
import { Problem } from './terminal.mjs';

/** Where to listen and whom to tell about it. Refuses, with a sentence, what cannot work. */
export function readSettings({ dev }) {
  const variables = { ...readEnvFiles(dev ? 'development' : 'production'), ...withoutEmpty(process.env) };

  const port = Number(variables.PORT ?? DEFAULT_PORT);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Problem(`PORT must be a whole number from 1 to 65535, and it is "${variables.PORT}".`);
  }

  const host = (variables.BELFRY_HOST ?? DEFAULT_HOST).replace(/^\[(.*)\]$/, '$1');
  const loopback = isLoopbackHost(host);
  if (!loopback && !variables.NEXTAUTH_SECRET) {
    throw new Problem(
      `BELFRY_HOST=${host} can be reached by other machines, so NEXTAUTH_SECRET has to be set.\n` +
        'Put a long random text into .env, for instance the output of `openssl rand -base64 32`:\n' +
        '  NEXTAUTH_SECRET=…',
    );
  }

  return {
    port,
    host,
    loopback,
    url: `http://${urlHost(host)}:${port}`,
    demoPassword: () => demoPassword(variables),
    publicVariables: publicVariablesOf(variables),
    databaseFile: databaseFileOf(variables),
    redis: variables.REDIS_URL !== undefined,
  };
}

/** The password of the demo accounts, as the server left it when it started (lib/auth/demo-accounts.ts); null without. */
function demoPassword(variables) {
  const accounts = demoAccounts(variables);
  if (accounts !== 'own-password') return accounts === 'public-password' ? 'belfry-demo' : null;
  const file = demoPasswordFile(databaseFileOf(variables));
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : null;
}

function databaseFileOf({ DATABASE_URL = DEFAULT_DATABASE_URL }) {
  return embeddedDatabaseFile(DATABASE_URL, ROOT);
}

/** What the build bakes into the pages. */
export function publicVariablesOf(variables) {
  return Object.entries(variables).filter(([name]) => name.startsWith('NEXT_PUBLIC_'));
}

/** A host as it stands in an address; one that means "every address" is reached by the loopback one. */
export function urlHost(host) {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

/** The files that Next reads too, the more particular ones last, so that they win. */
function readEnvFiles(mode) {
  const names = ['.env', `.env.${mode}`, '.env.local', `.env.${mode}.local`];
  const files = names.map((name) => join(ROOT, name)).filter((file) => existsSync(file));
  return Object.assign({}, ...files.map((file) => withoutEmpty(parse(readFileSync(file, 'utf8')))));
}

function parse(text) {
  if (util.parseEnv) return util.parseEnv(text);
  // Node before 20.12: plain NAME=value lines are enough for the settings read here.
  const lines = text.matchAll(/^\s*(?:export\s+)?([\w.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^#\r\n]*))/gm);
  return Object.fromEntries(
    [...lines].map(([, name, ...values]) => [name, values.find((v) => v !== undefined).trim()]),
  );
}

function withoutEmpty(variables) {
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
}
