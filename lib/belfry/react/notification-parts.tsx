'use client';

import { Component, type ComponentType, type ReactNode } from 'react';
import type { Item } from '../client/inbox-model.ts';
import type { ItemJson } from '../protocol/item.ts';
import { useSettings } from './settings.ts';

/** What a part of an app's own is given: the item, with the payload of its type, and where it stands. */
export interface NotificationPartProps<Payload = unknown> {
  item: ItemJson<Payload>;
  place: 'list' | 'toast';
}

/** What a definition tells the compiler; nothing of it comes to the browser. */
interface Defined {
  readonly name: string;
  readonly payload: unknown;
}

type PayloadOf<Type extends Defined> = Type['payload'] extends { readonly _output: infer Payload }
  ? Payload
  : unknown;

/**
 * How an app draws the content of its notifications, by the name of the type; what is not in it looks as all do. One map, in
 * the client, checked by the compiler:
 *
 *     export const parts: NotificationParts<typeof eventTypes> = { CommentAdded: CommentCard };
 */
export type NotificationParts<Types extends readonly Defined[]> = {
  readonly [Type in Types[number] as Type['name']]?: ComponentType<NotificationPartProps<PayloadOf<Type>>>;
};

/** As the settings keep it. */
export type AnyParts = Readonly<Record<string, ComponentType<NotificationPartProps> | undefined>>;

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
