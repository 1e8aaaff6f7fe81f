/** What keys ask for. */
import { expect, test } from 'vitest';
import { createGoKeys, KEYS, keyCommand, type PressedKey } from '../../lib/belfry/react/key-commands.ts';

function pressed(key: string, more: Partial<PressedKey> = {}): PressedKey {
  return { key, altKey: false, ctrlKey: false, metaKey: false, shiftKey: false, isComposing: false, ...more };
}

test.each(Object.entries(KEYS))('%s is %s', (command, key) => {
  const [last = '', shift] = key.split('+').reverse();
  expect(keyCommand(pressed(last, { shiftKey: shift !== undefined }))).toBe(command);
});

test.each(['ctrlKey', 'metaKey', 'altKey', 'isComposing'] as const)('with %s it is none of ours', (held) => {
  for (const key of ['e', 'j', '/', '?', 'z'])
    expect(keyCommand(pressed(key, { [held]: true })), key).toBeNull();
});

test('a letter with Shift is another key, with Caps Lock the same one', () => {
  expect(keyCommand(pressed('E', { shiftKey: true }))).toBeNull();
  expect(keyCommand(pressed('E'))).toBe('done');
  expect(keyCommand(pressed('a', { shiftKey: true }))).toBe('all-done');
  expect(keyCommand(pressed('a'))).toBeNull();
});

test('a sign is itself, with whichever keys a keyboard makes it', () => {
  expect(keyCommand(pressed('/', { shiftKey: true }))).toBe('search');
  expect(keyCommand(pressed('?', { shiftKey: true }))).toBe('help');
  expect(keyCommand(pressed('?'))).toBe('help');
});

test('what means nothing means nothing', () => {
  for (const key of ['q', 'Tab', 'F5', 'Dead', 'ArrowDown', ''])
    expect(keyCommand(pressed(key)), key).toBeNull();
});

test('g and a letter lead somewhere, when the second comes in time and no other key between them', () => {
  let now = 0;
  const second = createGoKeys(() => now);
  expect(second(pressed('i'))).toBeNull();
  expect(second(pressed('g'))).toBeNull();
  now += 1_000;
  expect(second(pressed('i'))).toBe('i');
  expect(second(pressed('i'))).toBeNull();

  second(pressed('g'));
  now += 2_000;
  expect(second(pressed('i'))).toBeNull();

  second(pressed('g'));
  second(pressed('Escape'));
  expect(second(pressed('h'))).toBeNull();

  second(pressed('g', { ctrlKey: true }));
  expect(second(pressed('h'))).toBeNull();
});
