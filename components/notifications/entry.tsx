'use client';

import {
  type Entry,
  type EntryGroup,
  GuardedButton,
  type Item,
  MessageText,
  type ShownGroup,
  useEntryFocus,
  useGroup,
  useListFocus,
  useSeen,
  useTranslate,
} from 'belfry/react';
import { type RefObject, useCallback, useId, useMemo, useRef, useState } from 'react';
import { type ItemHandlers, ItemMark, ItemMeta, NotificationItem } from './item';
import { OpenLink } from './link';
import './notifications.css';

/** What can be done in a list, with items and with groups. The same functions each time. */
export interface EntryHandlers extends ItemHandlers {
  onDismissGroup?: ((group: EntryGroup) => void) | undefined;
  onReadGroup?: ((group: EntryGroup) => void) | undefined;
  /** Whenever a link of a closed group is followed. */
  onVisitGroup?: ((group: EntryGroup) => void) | undefined;
}

interface NotificationEntryProps extends EntryHandlers {
  entry: Entry;
  /** To be called before it goes, so that the focus goes on. */
  handOn: (id: Entry['id']) => void;
  /** Whether what is read leaves the list. */
  leavesWhenRead?: boolean;
  openGroups: ReturnType<typeof useOpenGroups>;
}

/** Which groups of a list are open, also while they are scrolled out of sight. */
export function useOpenGroups() {
  const [keys, setKeys] = useState<ReadonlySet<string>>(new Set());
  const toggle = useCallback(
    (key: string) =>
      setKeys((before) => {
        const next = new Set(before);
        if (!next.delete(key)) next.add(key);
        return next;
      }),
    [],
  );
  return { keys, toggle };
}

/** One place of a list: an item, or a group that opens. */
export function NotificationEntry({
  entry: { id, item, group },
  handOn,
  leavesWhenRead = false,
  openGroups: { keys, toggle },
  onDismissGroup,
  onReadGroup,
  onVisitGroup,
  ...onItem
}: NotificationEntryProps) {
  const { onDismiss, onRestore, onRead } = onItem;
  const leaving = useMemo(() => {
    const afterHandingOn = (work: ItemHandlers['onDismiss']) =>
      work &&
      ((itemId: number) => {
        handOn(id);
        work(itemId);
      });
    return {
      onDismiss: afterHandingOn(onDismiss),
      onRestore: afterHandingOn(onRestore),
      onRead: leavesWhenRead ? afterHandingOn(onRead) : onRead,
    };
  }, [id, handOn, leavesWhenRead, onDismiss, onRestore, onRead]);
  return (
    <div {...useEntryFocus(group !== null)}>
      {group ? (
        <NotificationGroup
          newest={item}
          group={group}
          isOpen={keys.has(group.key)}
          onToggle={() => toggle(group.key)}
          onDismissAll={
            onDismissGroup &&
            (() => {
              handOn(id);
              onDismissGroup(group);
            })
          }
          onReadAll={onReadGroup && (() => onReadGroup(group))}
          onVisitAll={() => onVisitGroup?.(group)}
          onItem={onItem}
        />
      ) : (
        <NotificationItem notification={item} {...onItem} {...leaving} />
      )}
    </div>
  );
}

interface NotificationGroupProps {
  newest: Item;
  group: EntryGroup;
  isOpen: boolean;
  onToggle: () => void;
  onDismissAll: (() => void) | undefined;
  onReadAll: (() => void) | undefined;
  onVisitAll: () => void;
  /** What can be done with each of its items. */
  onItem: ItemHandlers;
}

/** What belongs together, as one: the newest of it, or, open, all of it. */
function NotificationGroup({ newest, group, isOpen, onToggle, onItem, ...onAll }: NotificationGroupProps) {
  const t = useTranslate();
  const shown = useGroup(newest, group, isOpen);
  const [titleId, listId] = [useId(), useId()];
  const toggle = useRef<HTMLButtonElement>(null);
  // As urgent as the most urgent of it; what ends, ends by itself.
  const ofAll = { ...newest, priority: group.priority, expiresAt: null };
  const onLink = { onFollow: onItem.onFollow, onVisit: onAll.onVisitAll };
  return (
    <article ref={useSeen(newest)} className="belfry-root belfry-item">
      <ItemMark item={ofAll} />
      <div className="belfry-item-body">
        <h3 id={titleId} dir="auto" className="belfry-item-title">
          {shown.title}
        </h3>
        {!isOpen && newest.message && (
          <p dir="auto" className="belfry-text belfry-item-text belfry-clamped">
            <MessageText text={newest.message} linkClassName="belfry-inline-link" {...onLink} />
          </p>
        )}
        {!isOpen && newest.link && (
          <p className="belfry-item-link">
            <OpenLink link={newest.link} label={newest.linkLabel} {...onLink} />
          </p>
        )}
        <button
          ref={toggle}
          type="button"
          data-toggle=""
          aria-expanded={isOpen}
          aria-controls={isOpen ? listId : undefined}
          aria-describedby={titleId}
          onClick={onToggle}
          className="belfry-expand belfry-group-toggle"
        >
          <span>{isOpen ? t('belfry.group.less') : t('belfry.group.all', { count: group.count })}</span>
          <svg viewBox="0 0 12 12" className="belfry-group-sign" aria-hidden="true">
            <path d="m2.5 4.5 3.5 3.5 3.5-3.5" fill="none" stroke="currentColor" strokeWidth="1.6" />
          </svg>
        </button>
        <div className="belfry-item-foot">
          <ItemMeta notification={ofAll} />
          <div className="belfry-item-actions">
            {onAll.onReadAll && group.unread > 0 && (
              <button
                type="button"
                aria-describedby={titleId}
                onClick={() => {
                  // This one goes.
                  toggle.current?.focus();
                  onAll.onReadAll?.();
                }}
                className="belfry-item-action"
              >
                {t('belfry.group.read')}
              </button>
            )}
            {onAll.onDismissAll && (
              <GuardedButton
                aria-describedby={titleId}
                data-dismiss=""
                onPress={onAll.onDismissAll}
                className="belfry-item-action"
              >
                {t('belfry.group.dismiss')}
              </GuardedButton>
            )}
          </div>
        </div>
      </div>
      {isOpen && (
        <GroupItems id={listId} titleId={titleId} shown={shown} restingPlace={toggle} onItem={onItem} />
      )}
    </article>
  );
}

function GroupItems({
  id,
  titleId,
  shown: { items, status, hasMore, loadingMore, loadMore, retry },
  restingPlace,
  onItem: { onDismiss, ...onItem },
}: {
  id: string;
  titleId: string;
  shown: ShownGroup;
  restingPlace: RefObject<HTMLElement | null>;
  onItem: ItemHandlers;
}) {
  const t = useTranslate();
  const { list, handOn, resumeAfter } = useListFocus({
    count: items.length,
    hasMore,
    loadingMore,
    restingPlace,
  });
  const dismiss = useMemo(
    () =>
      onDismiss &&
      ((itemId: number) => {
        handOn(itemId);
        onDismiss(itemId);
      }),
    [onDismiss, handOn],
  );
  return (
    <div id={id} className="belfry-group">
      <ul
        ref={list}
        // biome-ignore lint/a11y/noRedundantRoles: Safari takes the role away from a list without bullets
        role="list"
        aria-labelledby={titleId}
        className="belfry-list"
      >
        {items.map((item, index) => (
          <li key={item.id} data-index={index} data-id={item.id}>
            <NotificationItem notification={item} onDismiss={dismiss} {...onItem} />
          </li>
        ))}
      </ul>
      {status === 'loading' && <p className="belfry-text belfry-group-rest">{t('belfry.list.loading')}</p>}
      {status === 'error' && (
        <div role="alert" className="belfry-text belfry-group-rest">
          <p className="belfry-text">{t('belfry.list.failed')}</p>
          <button type="button" className="belfry-expand" onClick={retry}>
            {t('belfry.attempt.again')}
          </button>
        </div>
      )}
      {hasMore && (
        <div className="belfry-group-rest">
          <button
            type="button"
            className="belfry-expand"
            aria-disabled={loadingMore}
            onClick={() => resumeAfter(loadMore)}
          >
            {t(loadingMore ? 'belfry.list.loading-more' : 'belfry.list.more')}
          </button>
        </div>
      )}
    </div>
  );
}
