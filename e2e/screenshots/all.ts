/** `npm run screenshots`. */
import { expect, test } from '../fixtures.ts';
import { photograph, writeIndex } from './camera.ts';
import { LOOKS } from './looks.ts';
import { STATES } from './states.ts';

const FOLDER = process.env.SCREENSHOTS_FOLDER ?? 'test-results/screenshots';

for (const look of LOOKS) {
  test(`every page in every state, ${look.name}`, async ({ admin, expectErrors, openBrowser, server }) => {
    test.setTimeout(300_000);
    const failed = await photograph({ admin, expectErrors, openBrowser, server }, STATES, look, FOLDER);
    // Whichever look is taken last, the page shows all.
    writeIndex(FOLDER, STATES);
    expect(failed).toEqual([]);
  });
}
