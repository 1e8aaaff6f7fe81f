// Finds the servers that the tests start for themselves, or installs them.

import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { installDebianPackages } from './debian.mjs';
import { step } from './terminal.mjs';

// Debian keeps the programs of each version apart, and none of them on the path.
const POSTGRESQL_VERSIONS = '/usr/lib/postgresql';

/** The path of `redis-server`, installing it where that is possible; undefined otherwise. */
export async function findRedis() {
  return redisServer() ?? (await install('Redis', 'redis-server', redisServer));
}

/** The folder of PostgreSQL's programs, installing them where that is possible; undefined otherwise. */
export async function findPostgresql() {
  return postgresqlPrograms() ?? (await install('PostgreSQL', 'postgresql', postgresqlPrograms));
}

export function redisServer() {
  return ['redis-server', 'valkey-server'].map(onPath).find(Boolean);
}

export function postgresqlPrograms() {
  const versions = existsSync(POSTGRESQL_VERSIONS) ? readdirSync(POSTGRESQL_VERSIONS) : [];
  const newestFirst = versions.sort((a, b) => Number(b) - Number(a));
  const folders = newestFirst.map((version) => join(POSTGRESQL_VERSIONS, version, 'bin'));
  return [...folders, ...pathFolders()].find((folder) => existsSync(join(folder, 'initdb')));
}

async function install(title, name, find) {
  await step(`Installing ${title}`, `Looked for ${title}`, () => installDebianPackages([name]));
  return find();
}

function onPath(program) {
  return pathFolders()
    .map((folder) => join(folder, program))
    .find((file) => existsSync(file));
}

function pathFolders() {
  return (process.env.PATH ?? '').split(delimiter).filter(Boolean);
}
