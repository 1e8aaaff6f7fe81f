/** A page of its own for a test, with whatever of Belfry it imports, as another app's bundler makes it. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import type { Language } from '../lib/belfry/language/translate.ts';

export interface Bundle {
  script: string;
  /** The style sheets that it imports. */
  styles: string;
}

/** Bundles a file of this folder with all that it imports. */
export async function bundle(file: string): Promise<Bundle> {
  const sheets: string[] = [];
  const made = await rolldown({
    input: fileURLToPath(new URL(file, import.meta.url)),
    platform: 'browser',
    transform: {
      define: {
        'process.env.NODE_ENV': '"production"',
        'process.env.NEXT_PUBLIC_BELFRY_BASE_PATH': 'undefined',
      },
      jsx: { runtime: 'automatic' },
    },
    logLevel: 'silent',
    plugins: [
      {
        name: 'styles',
        load(id) {
          if (!id.endsWith('.css')) return null;
          sheets.push(readFileSync(id, 'utf8'));
          return { code: '', moduleType: 'js' };
        },
      },
    ],
  });
  const { output } = await made.generate({
    format: 'iife',
    codeSplitting: false,
    // Next's own modules ask it for what Next's compiler fills in.
    intro: 'const process = { env: {} };',
  });
  return { script: output[0].code, styles: sheets.join('\n') };
}

/** What comes before the script of a page whose `window.language` says what it is written in. */
export function inLanguage(language: Language): string {
  return `window.language = ${JSON.stringify(language)};\n`;
}
