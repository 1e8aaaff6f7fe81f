'use client';

import {
  describeRelative,
  type Item,
  MessageText,
  NotificationContent,
  RelativeTime,
  useExpandable,
  useLinkTarget,
  useNow,
  useSeen,
  useTimeWords,
  useTranslate,
  useTranslateRich,
} from 'belfry/react';
import { memo, type ReactNode, useId } from 'react';
import { ItemActions } from './item-actions';
import { ItemButtons } from './item-buttons';
import { OpenLink } from './link';
import './notifications.css';
import { PriorityMark, PriorityWord } from './priority-mark';
import { SelectBox } from './select-box';

// An end that is further away than a day is no news to somebody reading now.
const EXPIRY_SHOWN_MS = 24 * 60 * 60_000;

type OnItem = ((id: number) => void) | undefined;

/** What can be done with an item: a button for each that is given, and makes sense for it. The same functions each time. */
export interface ItemHandlers {
  onDismiss?: OnItem;
  onRestore?: OnItem;
  onRead?: OnItem;
  onUnread?: OnItem;
  /** @param button What the menu is to stand at. */
  onSnooze?: ((id: number, button: HTMLElement) => void) | undefined;
  /** After a link was followed. */
  onFollow?: (() => void) | undefined;
  /** Whenever a link is followed, also one that leaves this page. */
  onVisit?: OnItem;
  /** When one that leads nowhere is opened, and all of it is seen. */
  onUnfold?: OnItem;
}

interface NotificationItemProps extends ItemHandlers {
  notification: Item;
  /** Whether the keys of its buttons are told. */
  hasKeys?: boolean | undefined;
  /** Where it can be selected. With `toHere`: all from the one before. The same function each time. */
  onSelect?: ((toHere: boolean) => void) | undefined;
  isSelected?: boolean | undefined;
}

/** One notification of the inbox. Of what a sender wrote, only the little Markdown of a message becomes more than text. */
export const NotificationItem = memo(function NotificationItem({
  notification,
  hasKeys,
  isSelected = false,
  onSelect,
  onFollow,
  onVisit,
  onUnfold,
  ...on
}: NotificationItemProps) {
  const { id, eventType, title, message, link, linkLabel, image } = notification;
  const titleId = useId();
  const leadsSomewhere = useLinkTarget(link) !== null;
  const text = useExpandable(notification);
  const visit = () => onVisit?.(id);
  const onLink = { onFollow, onVisit: visit };
  const forThis = (work: OnItem) => work && (() => work(id));
  return (
    <article
      ref={useSeen(notification)}
      {...rowState(notification, isSelected)}
      className="belfry-root belfry-item"
    >
      <ItemLead item={notification}>
        {onSelect && (
          <SelectBox titleId={titleId} isSelected={isSelected} hasKeys={hasKeys} onSelect={onSelect} />
        )}
      </ItemLead>
      <div className="belfry-item-body">
        <NotificationContent item={notification} place="list">
          <h4 id={titleId} dir="auto" className="belfry-item-title">
            {/* A stored event of another type may have none. */}
            {title || eventType}
          </h4>
          {message && (
            <p
              {...text.text}
              dir="auto"
              className={`belfry-text belfry-item-text ${text.isExpanded ? '' : 'belfry-clamped'}`}
            >
              <MessageText text={message} linkClassName="belfry-inline-link" {...onLink} />
            </p>
          )}
          {image && (
            // biome-ignore lint/performance/noImgElement: Next would fetch on the server whatever address a sender named
            <img src={image} alt="" loading="lazy" referrerPolicy="no-referrer" className="belfry-image" />
          )}
        </NotificationContent>
        <ItemTime item={notification} />
        <div className="belfry-item-foot">
          {leadsSomewhere && (
            <OpenLink link={link} label={linkLabel} describedBy={titleId} opensRow {...onLink} />
          )}
          <MessageButton
            text={text}
            titleId={titleId}
            opensRow={!leadsSomewhere}
            onOpen={() => onUnfold?.(id)}
          />
          <ItemMeta notification={notification} />
        </div>
        <ItemActions item={notification} titleId={titleId} {...onLink} />
      </div>
      <ItemButtons
        item={notification}
        titleId={titleId}
        hasKeys={hasKeys}
        onDismiss={forThis(on.onDismiss)}
        onRestore={forThis(on.onRestore)}
        onRead={forThis(on.onRead)}
        onUnread={forThis(on.onUnread)}
        onSnooze={on.onSnooze && ((button) => on.onSnooze?.(id, button))}
      />
    </article>
  );
});

/** What a row looks like for what it is. */
export function rowState({ readAt, doneAt, snoozedUntil }: Item, isSelected: boolean) {
  return {
    'data-unread': isUnread({ readAt, doneAt, snoozedUntil }) ? '' : undefined,
    'data-selected': isSelected ? '' : undefined,
  };
}

function isUnread({ readAt, doneAt, snoozedUntil }: Pick<Item, 'readAt' | 'doneAt' | 'snoozedUntil'>) {
  return readAt === null && doneAt === null && snoozedUntil === null;
}

/** What stands before the text: whether it is unread, whoever did it or what it is, and how it is selected. */
export function ItemLead({ item, children }: { item: Item; children?: ReactNode }) {
  return (
    <div className="belfry-item-lead">
      {isUnread(item) && <span className="belfry-unread" aria-hidden="true" />}
      <ItemMark item={item} />
      {children}
    </div>
  );
}

/** Whether it is unread, how urgent it is, and when it came, beside what it is called. What goes without saying is not seen. */
export function ItemTime({ item }: { item: Item }) {
  const t = useTranslate();
  const { priority, createdAt } = item;
  const isOrdinary = priority === 'NORMAL' || priority === 'LOW';
  return (
    <p className="belfry-meta belfry-item-time">
      {isUnread(item) && <span className="belfry-unseen">{t('belfry.item.is-unread')}</span>}
      {isOrdinary ? (
        <span className="belfry-unseen">
          {t('belfry.item.priority', { priority: t(`belfry.priority.${priority}`) })}
        </span>
      ) : (
        <>
          <PriorityWord priority={priority} />
          <span className="belfry-dot" aria-hidden="true">
            ·
          </span>
        </>
      )}
      <RelativeTime at={createdAt} past className="belfry-time" />
    </p>
  );
}

/** Whoever did it, or what it is; where nothing is said of that, how urgent it is. */
function ItemMark({ item: { avatar, icon, priority } }: { item: Item }) {
  const picture = avatar ?? icon;
  if (!picture) return <PriorityMark priority={priority} className="belfry-item-mark" />;
  const isRound = avatar !== undefined;
  return (
    // biome-ignore lint/performance/noImgElement: as above
    <img
      src={picture}
      alt=""
      loading="lazy"
      referrerPolicy="no-referrer"
      className={`belfry-mark belfry-item-mark belfry-picture ${isRound ? 'belfry-avatar' : ''}`}
    />
  );
}

/**
 * Shows all of a message that is cut off. Where nothing leads anywhere it is what the row is pressed as: it is there then also
 * where all is seen, and says that it was.
 */
function MessageButton({
  text,
  titleId,
  opensRow,
  onOpen,
}: {
  text: ReturnType<typeof useExpandable>;
  titleId: string;
  opensRow: boolean;
  onOpen: () => void;
}) {
  const t = useTranslate();
  const rowProps = { 'data-open': '', 'aria-describedby': titleId };
  if (!text.overflows) {
    if (!opensRow) return null;
    return (
      <button type="button" {...rowProps} onClick={onOpen} className="belfry-whole-row belfry-bare">
        <span className="belfry-unseen">{t('belfry.item.open')}</span>
      </button>
    );
  }
  return (
    <button
      {...text.button}
      {...(opensRow ? rowProps : { 'aria-describedby': titleId })}
      onClick={() => {
        if (!text.isExpanded) onOpen();
        text.button.onClick();
      }}
      className={opensRow ? 'belfry-expand belfry-whole-row' : 'belfry-expand'}
    >
      {t(text.isExpanded ? 'belfry.item.less' : 'belfry.item.all')}
    </button>
  );
}

/** Until when it is so: when it returns, and when it ends. */
export function ItemMeta({ notification: { expiresAt, snoozedUntil } }: { notification: Item }) {
  if (!snoozedUntil && !expiresAt) return null;
  return (
    <p className="belfry-meta">
      {snoozedUntil && <ReturnHint at={snoozedUntil} />}
      {expiresAt && <ExpiryHint at={expiresAt} />}
    </p>
  );
}

function ReturnHint({ at }: { at: string }) {
  const rich = useTranslateRich();
  return (
    <span className="belfry-hint">
      {rich('belfry.item.returns', { when: <RelativeTime at={at} className="belfry-time" /> })}
    </span>
  );
}

function ExpiryHint({ at }: { at: string }) {
  const now = useNow();
  const words = useTimeWords();
  if (now === null) return null;
  const left = new Date(at).getTime() - now;
  if (left > EXPIRY_SHOWN_MS) return null;
  return (
    <span className="belfry-hint belfry-warning">
      {left > 0
        ? words.translate('belfry.item.expires', { when: describeRelative(at, now, words) })
        : words.translate('belfry.item.expired')}
    </span>
  );
}
