'use client';

import { type RefCallback, use, useCallback } from 'react';
import type { Item } from '../client/inbox-model.ts';
import { watchScreen } from '../client/on-screen.ts';
import { ClientContext } from './client-context.ts';
import { isBehindDialog } from './modal-host.ts';
import { toastStack } from './toast-stack.ts';

/**
 * For the element of an item, wherever it is shown: the item is *seen* once at least half of it, or as much as fits, has been on
 * the screen of a visible tab for half a second. The server is told of several together, and of each once.
 */
export function useSeen(item: Pick<Item, 'id' | 'createdAt' | 'seenAt' | 'priority'>): RefCallback<Element> {
  const client = use(ClientContext)?.client;
  const { id, createdAt, seenAt } = item;
  // A toast that waits for its person waits no longer when it was seen in the list. A preview has no id of an event.
  const isOver = id <= 0 || (seenAt !== null && item.priority !== 'CRITICAL');
  return useCallback(
    (element: Element | null) => {
      if (!element || !client || isOver) return;
      return watchScreen(element, {
        isCovered: () => isBehindDialog(element),
        onSeen() {
          client.see({ id, createdAt, seenAt });
          toastStack.seenInList(id);
        },
      });
    },
    [client, id, createdAt, seenAt, isOver],
  );
}
