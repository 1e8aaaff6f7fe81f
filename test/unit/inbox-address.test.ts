/** What the address of the inbox asks for. */
import { expect, test } from 'vitest';
import type { ItemFilter } from '../../lib/belfry/protocol/item.ts';
import { addressOf, filterOf } from '../../lib/belfry/react/inbox-address.ts';

test.each<[string, ItemFilter]>([
  ['', {}],
  ['?view=done', { view: 'done' }],
  ['?category=reports', { category: 'reports' }],
  ['?priority=HIGH,CRITICAL', { priorities: ['HIGH', 'CRITICAL'] }],
  ['?q=two+words', { q: 'two words' }],
  [
    '?view=unread&category=a%26b&priority=LOW&q=%E9%80%9A%E7%9F%A5',
    { view: 'unread', category: 'a&b', priorities: ['LOW'], q: '通知' },
  ],
])('%s is read and written alike', (address, filter) => {
  expect(filterOf(new URLSearchParams(address))).toEqual(filter);
  expect(addressOf(filter, new URLSearchParams())).toBe(address);
});

test('what means nothing is left out', () => {
  expect(filterOf(new URLSearchParams('?view=inbox&priority=SOON,high&q=+&category='))).toEqual({});
  expect(filterOf(new URLSearchParams('?view=everything'))).toEqual({});
  expect(
    addressOf({ view: 'inbox', q: ' ', priorities: [], category: '' }, new URLSearchParams('?view=done')),
  ).toBe('');
});

test('what else an address asks for stays', () => {
  expect(addressOf({ view: 'done' }, new URLSearchParams('?tab=2&q=old'))).toBe('?tab=2&view=done');
});
