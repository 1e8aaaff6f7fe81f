import { expect, test } from 'vitest';
import { browserName } from '@/lib/auth/browser-name.ts';
import { languages } from '@/lib/language/languages.ts';
import type { AppMessages } from '@/lib/language/messages.ts';

const t = languages.translate<AppMessages>(languages.readerOf({ locale: 'en' }));

test.each([
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
    'Chrome on Windows',
  ],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0',
    'Microsoft Edge on Windows',
  ],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0', 'Firefox on Linux'],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15',
    'Safari on macOS',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1',
    'Safari on iOS',
  ],
  [
    'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36',
    'Chrome on Android',
  ],
  ['curl/8.9.1', 'curl'],
  ['node', 'node'],
  ['', 'An unknown browser'],
  ['   ', 'An unknown browser'],
  ['<script>alert(1)</script>', 'An unknown browser'],
  ['(', 'An unknown browser'],
])('%j is called %j', (agent, name) => {
  expect(browserName(agent, t)).toBe(name);
});

test('a name stays short, however long the header is', () => {
  for (const agent of ['x'.repeat(400), `Mozilla/5.0 ${'('.repeat(380)}`, `${'a/1 '.repeat(100)}`]) {
    expect(browserName(agent, t).length).toBeLessThanOrEqual(60);
  }
});
