import { existsSync } from 'node:fs';
import { defineConfig } from 'prisma/config';

// `generate`, `validate` and `format` need no engine, yet Prisma 7 tries to download one.
// Naming any existing file keeps them offline; `migrate` is left alone, it needs the real one.
const command = process.argv.slice(2).find((word) => !word.startsWith('-'));
if (['generate', 'validate', 'format'].includes(command ?? '') && !process.env.PRISMA_SCHEMA_ENGINE_BINARY) {
  const anyFile = new URL('./package.json', import.meta.url);
  if (existsSync(anyFile)) process.env.PRISMA_SCHEMA_ENGINE_BINARY = anyFile.pathname;
}

export default defineConfig({ schema: 'prisma' });
