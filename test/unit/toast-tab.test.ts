import { afterEach, expect, test, vi } from 'vitest';
import { competeForToasts } from '@/lib/belfry/client/toast-tab.ts';

afterEach(() => vi.unstubAllGlobals());

interface Page {
  visible: boolean;
  focused: boolean;
  locks: boolean;
}

function openPage({ visible, focused, locks }: Page) {
  vi.stubGlobal('document', {
    visibilityState: visible ? 'visible' : 'hidden',
    hasFocus: () => focused,
  });
  vi.stubGlobal('window', new EventTarget());
  if (!locks) vi.stubGlobal('navigator', {});
  return competeForToasts('7-a');
}

/** Waits until the tabs agree on who shows toasts, in the order in which they are given. */
const settled = (tabs: { isOurs: () => boolean }[], expected: boolean[]) =>
  vi.waitFor(() => expect(tabs.map((tab) => tab.isOurs())).toEqual(expected), {
    timeout: 10_000,
    interval: 5,
  });

test.each([true, false])('a page that was left shows no toasts any more (with locks: %j)', async (locks) => {
  const tab = openPage({ visible: true, focused: true, locks });
  await settled([tab], [true]);
  tab.close();
  expect(tab.isOurs()).toBe(false);
});

test.each([true, false])(
  'of two pages the one that had the focus last shows them (with locks: %j)',
  async (locks) => {
    const first = openPage({ visible: true, focused: true, locks });
    await settled([first], [true]);
    const firstWindow = window;
    const second = openPage({ visible: true, focused: true, locks });
    await settled([first, second], [false, true]);
    firstWindow.dispatchEvent(new Event('focus'));
    await settled([first, second], [true, false]);
    second.close();
    vi.stubGlobal('window', firstWindow);
    first.close();
  },
);
