'use client';

import { Component, type ReactNode } from 'react';
import type { Item } from '../client/inbox-model.ts';
import type { NotificationPartProps } from './notification-parts.ts';
import { useSettings } from './settings.ts';

/** The content of an item: drawn by the app's own part, where there is one for its type, or else by `children`. */
export function NotificationContent({
  item,
  place,
  children,
}: {
  /** Absent where there is none yet, as in a preview. */
  item: Item | undefined;
  place: NotificationPartProps['place'];
  children: ReactNode;
}): ReactNode {
  const { parts } = useSettings();
  // What no longer fits its type has no payload that a part could draw.
  if (!item || item.payload === null || !Object.hasOwn(parts, item.eventType)) return children;
  const Part = parts[item.eventType];
  if (!Part) return children;
  return (
    <Guard instead={children}>
      <Part item={item} place={place} />
    </Guard>
  );
}

/** A part that throws takes no list with it: the item looks as all others do. */
class Guard extends Component<{ instead: ReactNode; children: ReactNode }, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override render() {
    return this.state.hasFailed ? this.props.instead : this.props.children;
  }
}
