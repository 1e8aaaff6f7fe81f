import type { ItemFilter, View } from '../protocol/item.ts';
import { PRIORITIES } from '../protocol/priority.ts';

const VIEWS: readonly string[] = ['unread', 'snoozed', 'done', 'all'] satisfies View[];

/** What an address asks for: `?view=done&category=reports&priority=HIGH,CRITICAL&q=…`. What it has that means nothing is left out. */
export function filterOf(address: URLSearchParams): ItemFilter {
  const of = (name: string) => address.get(name) ?? '';
  const asked = of('priority').split(',');
  const priorities = PRIORITIES.filter((each) => asked.includes(each));
  return {
    ...(VIEWS.includes(of('view')) ? { view: of('view') as View } : {}),
    ...(of('category') ? { category: of('category') } : {}),
    ...(priorities.length > 0 ? { priorities } : {}),
    ...(of('q').trim() ? { q: of('q') } : {}),
  };
}

/** The same address with another filter: what else it asks for stays. Empty, or with its question mark. */
export function addressOf({ view, category, priorities, q }: ItemFilter, before: URLSearchParams): string {
  const address = new URLSearchParams(before);
  const asked = {
    view: view === 'inbox' ? undefined : view,
    category,
    priority: priorities?.join(),
    q: q?.trim() ? q : undefined,
  };
  for (const [name, value] of Object.entries(asked)) {
    if (value) address.set(name, value);
    else address.delete(name);
  }
  // A comma means nothing in a query, and reads better as it is.
  const query = address.toString().replaceAll('%2C', ',');
  return query === '' ? '' : `?${query}`;
}
