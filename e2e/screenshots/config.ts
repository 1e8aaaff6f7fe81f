import { defineConfig } from '@playwright/test';
import all from '../../playwright.config.ts';

/** Pictures of everything: no test, and no part of `npm test`. */
export default defineConfig({
  ...all,
  testDir: '.',
  testMatch: 'all.ts',
  outputDir: '../../test-results/screenshots-run',
  reporter: 'list',
  fullyParallel: true,
});
