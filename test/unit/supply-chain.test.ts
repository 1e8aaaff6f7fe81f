import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { BELFRY_NODE } from '../../scripts/command.mjs';
import { isLicenceTaken, readLicences } from '../../scripts/licences.mjs';

interface Locked {
  version: string;
  integrity?: string;
  resolved?: string;
  inBundle?: boolean;
  hasInstallScript?: boolean;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const manifest = JSON.parse(read('package.json'));
const locked = Object.entries(
  JSON.parse(read('package-lock.json')).packages as Record<string, Locked>,
).filter(([path]) => path !== '');
const compose = parse(read('docker-compose.yml'), { merge: true }) as Compose;

interface Compose {
  services: Record<string, Service>;
}

interface Service {
  image: string;
  build?: object;
  user?: string;
  cap_drop?: string[];
  cap_add?: string[];
  privileged?: boolean;
  read_only?: boolean;
  security_opt?: string[];
  tmpfs?: string[];
  environment?: Record<string, string>;
  command?: string[];
}

describe('packages', () => {
  test('every package of the lock file, for whatever machine, is known by a hash of its content', () => {
    // What is bundled comes inside of a package that has one.
    const unknown = locked.filter(
      ([, { integrity, inBundle }]) => !inBundle && !/^sha512-[\w+/]{86}==$/.test(integrity ?? ''),
    );
    expect(unknown.map(([path]) => path)).toEqual([]);
  });

  test('every package is asked for by its exact version, and from wherever npm is set up to ask', () => {
    const { dependencies, devDependencies, optionalDependencies, overrides } = manifest;
    const versions = Object.values({
      ...dependencies,
      ...devDependencies,
      ...optionalDependencies,
      ...overrides,
    });
    expect(versions.filter((version) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version as string))).toEqual([]);
    expect(locked.filter(([, { resolved }]) => resolved).map(([path]) => path)).toEqual([]);
    expect(read('.npmrc').split('\n')).toEqual(
      expect.arrayContaining(['save-exact=true', 'omit-lockfile-registry-resolved=true']),
    );
  });

  test('no package runs a script when it is installed', () => {
    expect(Object.entries(manifest.allowScripts).filter(([, allowed]) => allowed !== false)).toEqual([]);
    const named = new Set(Object.keys(manifest.allowScripts));
    const scripts = locked.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path);
    expect(scripts.filter((path) => !named.has(path.replace(/^.*node_modules\//, '')))).toEqual([]);
  });

  test('the Node that the project runs on comes with the packages, pinned as they are', () => {
    const [, name = ''] = /node_modules[\\/]([^\\/]+)/.exec(BELFRY_NODE) ?? [];
    expect(Object.keys(manifest.optionalDependencies)).toContain(name);
    expect(new Set(Object.values(manifest.optionalDependencies)).size).toBe(1);
    expect(manifest.optionalDependencies[name]).toBe(process.versions.node);
  });

  test('every licence has been looked at', () => {
    expect(readLicences().filter((one) => !isLicenceTaken(one))).toEqual([]);
  });

  test.each([
    ['MIT', true],
    ['MIT OR GPL-3.0-only', true],
    ['MIT AND GPL-3.0-only', false],
    ['(MIT OR Apache-2.0)', true],
    ['GPL-3.0-only', false],
    ['AGPL-3.0-or-later', false],
    ['SEE LICENSE IN LICENSE.md', false],
    ['none', false],
    // Of others this licence was looked at, not of this one.
    ['MPL-2.0', false],
  ])('of a new package, %s is taken: %s', (licence, taken) => {
    expect(isLicenceTaken({ name: 'some-new-package', licence })).toBe(taken);
  });

  test('a package without a word on its licence has none', () => {
    expect(readLicences({ packages: { '': {}, 'node_modules/@a/b': { version: '1.0.0' } } })).toEqual([
      { name: '@a/b', version: '1.0.0', licence: 'none' },
    ]);
  });
});

describe('images', () => {
  const PINNED = /^[a-z]+:\d+\.\d+(\.\d+)?[\w.-]*@sha256:[0-9a-f]{64}$/;
  const stages = [...read('Dockerfile').matchAll(/^FROM (\S+) AS (\S+)$/gm)];
  const ofOthers = Object.entries(compose.services).filter(([, { build }]) => !build);

  test('every image of others is named by the hash of its content', () => {
    const names = new Set(stages.map(([, , name]) => name));
    const bases = stages.map(([, image = '']) => image).filter((image) => !names.has(image));
    const images = [...bases, ...ofOthers.map(([, { image }]) => image)];
    expect(images.length).toBeGreaterThan(3);
    expect(images.filter((image) => !PINNED.test(image))).toEqual([]);
  });

  test('the image has the very Node that the project is tested on', () => {
    const [, version] = /^FROM node:([\d.]+)-/m.exec(read('Dockerfile')) ?? [];
    expect(version).toBe(process.versions.node);
  });

  test.each(Object.keys(compose.services))(
    '%s runs without the rights of root, and writes only where it must',
    (name) => {
      const service = compose.services[name] as Service;
      expect(service).toMatchObject({
        cap_drop: ['ALL'],
        read_only: true,
        security_opt: ['no-new-privileges:true'],
      });
      expect(service.cap_add).toBeUndefined();
      expect(service.privileged).toBeUndefined();
      // A folder of its own that nobody gave it is root's.
      for (const folder of service.tmpfs ?? []) expect(folder).toMatch(/:mode=1777$/);
      if (service.build) expect(read('Dockerfile')).toMatch(/^USER node$/m);
      else expect(service.user).toBe(name);
    },
  );

  test('nobody is let into PostgreSQL or Redis without a password, and none has a default', () => {
    const { app1, app2, tools, postgres, redis } = compose.services;
    for (const service of [app1, app2, tools]) {
      expect(service?.environment?.DATABASE_URL).toMatch(/^postgresql:\/\/belfry:\$\{POSTGRES_PASSWORD:\?/);
      expect(service?.environment?.REDIS_URL).toMatch(/^redis:\/\/:\$\{REDIS_PASSWORD:\?/);
    }
    expect(postgres?.environment?.POSTGRES_PASSWORD).toMatch(/^\$\{POSTGRES_PASSWORD:\?/);
    expect(postgres?.environment?.POSTGRES_HOST_AUTH_METHOD).toBeUndefined();
    expect(redis?.command?.at(-2)).toBe('--requirepass');
    expect(redis?.command?.at(-1)).toMatch(/^\$\{REDIS_PASSWORD:\?/);
  });
});
