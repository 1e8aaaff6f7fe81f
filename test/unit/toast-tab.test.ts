import { afterEach, expect, test, vi } from 'vitest';
import { competeForToasts } from '@/components/notifications/toast-tab.ts';

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

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

test.each([true, false])('a page that was left shows no toasts any more (with locks: %j)', async (locks) => {
  const tab = openPage({ visible: true, focused: true, locks });
  await settled();
  expect(tab.isOurs()).toBe(true);
  tab.close();
  expect(tab.isOurs()).toBe(false);
});

test('with locks, of two pages the one that had the focus last shows them', async () => {
  const first = openPage({ visible: true, focused: true, locks: true });
  await settled();
  const firstWindow = window;
  const second = openPage({ visible: true, focused: true, locks: true });
  await settled();
  expect([first.isOurs(), second.isOurs()]).toEqual([false, true]);
  firstWindow.dispatchEvent(new Event('focus'));
  await settled();
  expect([first.isOurs(), second.isOurs()]).toEqual([true, false]);
  second.close();
  vi.stubGlobal('window', firstWindow);
  first.close();
});

test('without locks a page in view shows them, also while the focus is in another program', () => {
  expect(openPage({ visible: true, focused: false, locks: false }).isOurs()).toBe(true);
  expect(openPage({ visible: false, focused: false, locks: false }).isOurs()).toBe(false);
});
