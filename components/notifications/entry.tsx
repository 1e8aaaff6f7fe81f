'use client';

import {
  type Entry,
  type EntryGroup,
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
import { type ItemHandlers, ItemLead, ItemMeta, ItemTime, NotificationItem, rowState } from './item';
import { GroupButtons } from './item-buttons';
import { OpenLink } from './link';
import './notifications.css';
import { SelectBox } from './select-box';

/** What can be done in a list, with items and with groups. The same functions each time. */
export interface EntryHandlers extends ItemHandlers {
  onDismissGroup?: ((group: EntryGroup) => void) | undefined;
  onReadGroup?: ((group: EntryGroup) => void) | undefined;
  /** @param button What the menu is to stand at. */
  onSnoozeGroup?: ((group: EntryGroup, button: HTMLElement) => void) | undefined;
  /** Whenever a link of a closed group is followed. */
  onVisitGroup?: ((group: EntryGroup) => void) | undefined;
  /** @param toHere All from the one that was selected before. */
  onSelect?: ((id: Entry['id'], toHere: boolean) => void) | undefined;
}

/** What makes an item leave a list. */
export type Leaving = 'dismiss' | 'restore' | 'read';

interface NotificationEntryProps {
  entry: Entry;
  on: EntryHandlers;
  /** To be called before it goes, so that the focus goes on. */
  handOn: (id: Entry['id']) => void;
  /** The same list each time. */
  leavesWith: readonly Leaving[];
  isSelected?: boolean;
  hasKeys?: boolean;
  /** Of a group: whether all of it is shown. */
  isOpen: boolean;
  /** The same function each time. */
  onToggle: (key: string) => void;
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
  on,
  handOn,
  leavesWith,
  isSelected = false,
  hasKeys = false,
  isOpen,
  onToggle,
}: NotificationEntryProps) {
  const leaving = useMemo(() => {
    const afterHandingOn = (kind: Leaving, work: ItemHandlers['onDismiss']) =>
      work && leavesWith.includes(kind)
        ? (itemId: number) => {
            handOn(id);
            work(itemId);
          }
        : work;
    return {
      onDismiss: afterHandingOn('dismiss', on.onDismiss),
      onRestore: afterHandingOn('restore', on.onRestore),
      onRead: afterHandingOn('read', on.onRead),
    };
  }, [id, handOn, leavesWith, on]);
  const { onSelect } = on;
  const select = useMemo(() => onSelect && ((toHere: boolean) => onSelect(id, toHere)), [id, onSelect]);
  const shared = { hasKeys, isSelected, onSelect: select };
  return (
    <div {...useEntryFocus(group !== null)}>
      {group ? (
        <NotificationGroup
          {...shared}
          newest={item}
          group={group}
          isOpen={isOpen}
          onToggle={() => onToggle(group.key)}
          onDismissAll={
            on.onDismissGroup &&
            (() => {
              handOn(id);
              on.onDismissGroup?.(group);
            })
          }
          on={on}
        />
      ) : (
        <NotificationItem
          {...shared}
          notification={item}
          onUnread={on.onUnread}
          onSnooze={on.onSnooze}
          onFollow={on.onFollow}
          onVisit={on.onVisit}
          onUnfold={on.onUnfold}
          {...leaving}
        />
      )}
    </div>
  );
}

interface NotificationGroupProps {
  newest: Item;
  group: EntryGroup;
  hasKeys: boolean;
  isSelected: boolean;
  onSelect: ((toHere: boolean) => void) | undefined;
  isOpen: boolean;
  onToggle: () => void;
  onDismissAll: (() => void) | undefined;
  on: EntryHandlers;
}

/** What belongs together, as one: the newest of it, or, open, all of it. All of the row opens it. */
function NotificationGroup({ newest, group, isOpen, on, ...props }: NotificationGroupProps) {
  const t = useTranslate();
  const shown = useGroup(newest, group, isOpen);
  const [titleId, listId] = [useId(), useId()];
  const toggle = useRef<HTMLButtonElement>(null);
  // As urgent as the most urgent of it, and unread as long as one is; what ends, ends by itself.
  const readAt = group.unread > 0 ? null : (newest.readAt ?? newest.createdAt);
  const ofAll = { ...newest, priority: group.priority, readAt, expiresAt: null };
  const onLink = { onFollow: on.onFollow, onVisit: () => on.onVisitGroup?.(group) };
  const { onReadGroup, onSnoozeGroup } = on;
  return (
    <article ref={useSeen(newest)} {...rowState(ofAll, props.isSelected)} className="belfry-root belfry-item">
      <ItemLead item={ofAll}>
        {props.onSelect && (
          <SelectBox
            titleId={titleId}
            isSelected={props.isSelected}
            hasKeys={props.hasKeys}
            onSelect={props.onSelect}
          />
        )}
      </ItemLead>
      <div className="belfry-item-body">
        <h4 id={titleId} dir="auto" className="belfry-item-title">
          {shown.title}
        </h4>
        {!isOpen && newest.message && (
          <p dir="auto" className="belfry-text belfry-item-text belfry-clamped">
            <MessageText text={newest.message} linkClassName="belfry-inline-link" {...onLink} />
          </p>
        )}
        <ItemTime item={ofAll} />
        <div className="belfry-item-foot">
          {!isOpen && newest.link && (
            <OpenLink link={newest.link} label={newest.linkLabel} describedBy={titleId} {...onLink} />
          )}
          <button
            ref={toggle}
            type="button"
            data-open=""
            data-toggle=""
            aria-expanded={isOpen}
            aria-controls={isOpen ? listId : undefined}
            aria-describedby={titleId}
            onClick={props.onToggle}
            className="belfry-expand belfry-whole-row"
          >
            <span>{isOpen ? t('belfry.group.less') : t('belfry.group.all', { count: group.count })}</span>
            <svg viewBox="0 0 12 12" className="belfry-group-sign" aria-hidden="true">
              <path d="m2.5 4.5 3.5 3.5 3.5-3.5" fill="none" stroke="currentColor" strokeWidth="1.6" />
            </svg>
          </button>
          <ItemMeta notification={ofAll} />
        </div>
      </div>
      <GroupButtons
        titleId={titleId}
        hasKeys={props.hasKeys}
        onRead={
          onReadGroup && group.unread > 0
            ? () => {
                // This button goes.
                toggle.current?.focus();
                onReadGroup(group);
              }
            : undefined
        }
        onSnooze={onSnoozeGroup && ((button) => onSnoozeGroup(group, button))}
        onDismiss={props.onDismissAll}
      />
      {isOpen && <GroupItems id={listId} titleId={titleId} shown={shown} restingPlace={toggle} on={on} />}
    </article>
  );
}

function GroupItems({
  id,
  titleId,
  shown: { items, status, hasMore, loadingMore, loadMore, retry },
  restingPlace,
  on: { onDismiss, onRead, onUnread, onSnooze, onFollow, onVisit, onUnfold },
}: {
  id: string;
  titleId: string;
  shown: ShownGroup;
  restingPlace: RefObject<HTMLElement | null>;
  on: ItemHandlers;
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
            <NotificationItem
              notification={item}
              onDismiss={dismiss}
              onRead={onRead}
              onUnread={onUnread}
              onSnooze={onSnooze}
              onFollow={onFollow}
              onVisit={onVisit}
              onUnfold={onUnfold}
            />
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
