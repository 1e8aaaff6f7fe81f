import { defineConfig } from '@playwright/test';
import { chromiumOnPath } from './scripts/browser.mjs';

// What `npm test` found, or what is on PATH; without either Playwright uses its own.
const executablePath = process.env.CHROMIUM_PATH || chromiumOnPath();

/** Every fixture starts a server of its own on a fresh database, so there is no `webServer` here. */
export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results/e2e',
  workers: 2,
  retries: 0,
  forbidOnly: true,
  timeout: 60_000,
  reporter: [['list'], ['json', { outputFile: 'test-results/e2e.json' }]],
  use: {
    headless: true,
    // Dates as the tests write them: day before month.
    locale: 'en-GB',
    // A trace costs each test a quarter more: `npx playwright test --trace on` makes them.
    screenshot: 'only-on-failure',
    launchOptions: {
      ...(executablePath ? { executablePath } : {}),
      args: [
        // An address as in a local network: no secure context, and so no Web Locks.
        '--host-resolver-rules=MAP belfry.lan 127.0.0.1',
        '--no-sandbox',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
      ],
    },
  },
});
