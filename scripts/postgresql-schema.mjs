// Prisma's schema for PostgreSQL, derived from the one source: the same models under another provider.

const PROVIDER = 'provider = "sqlite"';
const OUTPUT = 'output                 = "../generated/prisma"';

/** Takes the text of all files of prisma/; the result is to stand in `generated/`. */
export function toPostgresqlSchema(schema) {
  for (const line of [PROVIDER, OUTPUT]) {
    if (schema.split(line).length !== 2) {
      throw new Error(`The files of prisma/ have to hold this line once: ${line}`);
    }
  }
  return schema
    .replace(PROVIDER, 'provider = "postgresql"')
    .replace(OUTPUT, 'output                 = "./prisma-postgresql"');
}
