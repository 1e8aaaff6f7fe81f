/** What the package brings along for apps: the parts, the tables for Prisma; and its version. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// Three steps up from here is the package's root, and the project's: both have these files in the same places.
const ROOT = new URL('../../../', import.meta.url);

/** The version of the package. */
export function packageVersion(): string {
  return JSON.parse(read('package.json')).version;
}

/** The models of Belfry's tables, as a file of a Prisma schema. */
export function prismaModels(): string {
  return read('prisma/belfry.prisma');
}

/** The parts by the names of their files, in TypeScript or without types. */
export function parts({ typescript }: { typescript: boolean }): Map<string, string> {
  const folder = typescript ? 'components/notifications/' : 'dist/package/parts/';
  const names = readdirSync(fileURLToPath(new URL(folder, ROOT))).sort();
  return new Map(names.map((name) => [name, read(folder + name)]));
}

function read(file: string): string {
  return readFileSync(new URL(file, ROOT), 'utf8');
}
