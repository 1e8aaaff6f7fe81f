/** How an app says that it draws notifications its own way. */
import type { ComponentType } from 'react';
import type { ItemJson } from '../protocol/item.ts';

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
