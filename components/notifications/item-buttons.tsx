'use client';

import { GuardedButton, type Item, KEYS, useTranslate } from 'belfry/react';
import type { ReactNode } from 'react';
import { Icon } from './icons';
import './notifications.css';

interface ItemButtonsProps {
  item: Pick<Item, 'readAt' | 'doneAt' | 'snoozedUntil'>;
  /** Of what the item is called. */
  titleId: string;
  /** Whether its keys are told. */
  hasKeys?: boolean | undefined;
  onDismiss?: (() => void) | undefined;
  onRestore?: (() => void) | undefined;
  onRead?: (() => void) | undefined;
  onUnread?: (() => void) | undefined;
  /** @param button What the menu is to stand at. */
  onSnooze?: ((button: HTMLElement) => void) | undefined;
}

/** What can be done with an item, where it makes sense. On a pointer device they show when somebody is at it. */
export function ItemButtons({ item, titleId, hasKeys, ...on }: ItemButtonsProps) {
  const t = useTranslate();
  const { readAt, doneAt, snoozedUntil } = item;
  const isAway = doneAt !== null || snoozedUntil !== null;
  const mark = isAway ? undefined : readAt === null ? on.onRead : on.onUnread;
  const keyed = (command: 'done' | 'read' | 'unread' | 'snooze') => ({ titleId, hasKeys, command });
  return (
    <div className="belfry-item-buttons">
      {mark && (
        <IconButton
          {...keyed(readAt === null ? 'read' : 'unread')}
          name={t(readAt === null ? 'belfry.item.read' : 'belfry.item.unread')}
          data-mark={readAt === null ? 'read' : 'unread'}
          onPress={mark}
        >
          <Icon name={readAt === null ? 'read' : 'unread'} />
        </IconButton>
      )}
      {on.onSnooze && doneAt === null && (
        <IconButton
          {...keyed('snooze')}
          name={t('belfry.item.snooze')}
          data-snooze=""
          aria-haspopup="dialog"
          onPress={on.onSnooze}
        >
          <Icon name="snooze" />
        </IconButton>
      )}
      {isAway && on.onRestore && (
        <IconButton {...keyed('done')} name={t('belfry.item.restore')} data-dismiss="" onPress={on.onRestore}>
          <Icon name="restore" />
        </IconButton>
      )}
      {!isAway && on.onDismiss && (
        <IconButton {...keyed('done')} name={t('belfry.item.dismiss')} data-dismiss="" onPress={on.onDismiss}>
          <Icon name="done" />
        </IconButton>
      )}
    </div>
  );
}

/** The same for a group, whose buttons are about all of it. */
export function GroupButtons({
  titleId,
  hasKeys,
  onRead,
  onSnooze,
  onDismiss,
}: Pick<ItemButtonsProps, 'titleId' | 'hasKeys' | 'onRead' | 'onSnooze' | 'onDismiss'>) {
  const t = useTranslate();
  return (
    <div className="belfry-item-buttons">
      {onRead && (
        <IconButton
          titleId={titleId}
          hasKeys={hasKeys}
          command="read"
          name={t('belfry.group.read')}
          data-mark="read"
          onPress={onRead}
        >
          <Icon name="read" />
        </IconButton>
      )}
      {onSnooze && (
        <IconButton
          titleId={titleId}
          hasKeys={hasKeys}
          command="snooze"
          name={t('belfry.item.snooze')}
          data-snooze=""
          aria-haspopup="dialog"
          onPress={onSnooze}
        >
          <Icon name="snooze" />
        </IconButton>
      )}
      {onDismiss && (
        <GuardedButton
          aria-label={t('belfry.group.dismiss')}
          aria-describedby={titleId}
          data-dismiss=""
          onPress={onDismiss}
          className="belfry-icon-button"
          {...shortcut(hasKeys, 'done', t('belfry.group.dismiss'), t)}
        >
          <Icon name="done" />
        </GuardedButton>
      )}
    </div>
  );
}

type Command = 'done' | 'read' | 'unread' | 'snooze';

function IconButton({
  name,
  titleId,
  hasKeys,
  command,
  onPress,
  children,
  ...rest
}: {
  name: string;
  titleId: string;
  hasKeys: boolean | undefined;
  command: Command;
  onPress: (button: HTMLElement) => void;
  children: ReactNode;
  'data-mark'?: string;
  'data-snooze'?: string;
  'data-dismiss'?: string;
  'aria-haspopup'?: 'dialog';
}) {
  const t = useTranslate();
  return (
    <button
      type="button"
      {...rest}
      aria-label={name}
      aria-describedby={titleId}
      onClick={({ currentTarget }) => onPress(currentTarget)}
      className="belfry-icon-button"
      {...shortcut(hasKeys, command, name, t)}
    >
      {children}
    </button>
  );
}

function shortcut(
  hasKeys: boolean | undefined,
  command: Command,
  name: string,
  t: ReturnType<typeof useTranslate>,
) {
  if (!hasKeys) return { title: name };
  const key = KEYS[command];
  return {
    'aria-keyshortcuts': key,
    title: t('belfry.item.with-key', { name, key: key.toUpperCase() }),
  };
}
