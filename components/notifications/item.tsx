'use client';

import {
  describeRelative,
  type Item,
  MessageText,
  NotificationContent,
  RelativeTime,
  useExpandable,
  useNow,
  useSeen,
  useTimeWords,
  useTranslate,
  useTranslateRich,
} from 'belfry/react';
import { memo, useId } from 'react';
import { ItemActions } from './item-actions';
import { OpenLink } from './link';
import './notifications.css';
import { PriorityMark, PriorityWord } from './priority-mark';

// An end that is further away than a day is no news to somebody reading now.
const EXPIRY_SHOWN_MS = 24 * 60 * 60_000;

type OnItem = ((id: number) => void) | undefined;

/** What can be done with an item: a button for each that is given, and makes sense for it. The same functions each time. */
export interface ItemHandlers {
  onDismiss?: OnItem;
  onRestore?: OnItem;
  onRead?: OnItem;
  onUnread?: OnItem;
  /** After a link was followed. */
  onFollow?: (() => void) | undefined;
  /** Whenever a link is followed, also one that leaves this page. */
  onVisit?: OnItem;
}

interface NotificationItemProps extends ItemHandlers {
  notification: Item;
}

/** One notification of the inbox. Of what a sender wrote, only the little Markdown of a message becomes more than text. */
export const NotificationItem = memo(function NotificationItem({
  notification,
  onFollow,
  onVisit,
  ...actions
}: NotificationItemProps) {
  const { id, eventType, title, message, link, linkLabel, image } = notification;
  const titleId = useId();
  const onLink = { onFollow, onVisit: () => onVisit?.(id) };
  return (
    <article ref={useSeen(notification)} className="belfry-root belfry-item">
      <ItemMark item={notification} />
      <div className="belfry-item-body">
        <NotificationContent item={notification} place="list">
          <h3 id={titleId} dir="auto" className="belfry-item-title">
            {/* A stored event of another type may have none. */}
            {title || eventType}
          </h3>
          {message && <Message text={message} of={notification} {...onLink} />}
          {image && (
            // biome-ignore lint/performance/noImgElement: Next would fetch on the server whatever address a sender named
            <img src={image} alt="" loading="lazy" referrerPolicy="no-referrer" className="belfry-image" />
          )}
        </NotificationContent>
        {link && (
          <p className="belfry-item-link">
            <OpenLink link={link} label={linkLabel} {...onLink} />
          </p>
        )}
        <ItemActions item={notification} titleId={titleId} {...onLink} />
        <div className="belfry-item-foot">
          <ItemMeta notification={notification} />
          <Actions notification={notification} titleId={titleId} {...actions} />
        </div>
      </div>
    </article>
  );
});

/** Whoever did it, or what it is; where nothing is said of that, how urgent it is. */
export function ItemMark({ item: { avatar, icon, priority } }: { item: Item }) {
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
      className={`belfry-item-mark belfry-picture ${isRound ? 'belfry-avatar' : ''}`}
    />
  );
}

function Actions({
  notification: { id, readAt, doneAt, snoozedUntil },
  titleId,
  onDismiss,
  onRestore,
  onRead,
  onUnread,
}: Omit<NotificationItemProps, 'onFollow' | 'onVisit'> & { titleId: string }) {
  const t = useTranslate();
  const isAway = doneAt !== null || snoozedUntil !== null;
  const mark = readAt === null ? onRead : onUnread;
  const move = isAway ? onRestore : onDismiss;
  return (
    <div className="belfry-item-actions">
      {mark && (
        <button
          type="button"
          aria-describedby={titleId}
          onClick={() => mark(id)}
          className="belfry-item-action"
        >
          {t(readAt === null ? 'belfry.item.read' : 'belfry.item.unread')}
        </button>
      )}
      {move && (
        <button
          type="button"
          aria-describedby={titleId}
          data-dismiss=""
          onClick={() => move(id)}
          className="belfry-item-action"
        >
          {t(isAway ? 'belfry.item.restore' : 'belfry.item.dismiss')}
        </button>
      )}
    </div>
  );
}

/** How urgent it is, when it came, and until when it is so. */
export function ItemMeta({
  notification: { priority, createdAt, expiresAt, snoozedUntil },
}: {
  notification: Item;
}) {
  const t = useTranslate();
  return (
    <p className="belfry-meta">
      {priority === 'NORMAL' || priority === 'LOW' ? (
        <span className="belfry-unseen">
          {t('belfry.item.priority', { priority: t(`belfry.priority.${priority}`) })}
        </span>
      ) : (
        <>
          <PriorityWord priority={priority} />
          <Dot />
        </>
      )}
      <RelativeTime at={createdAt} past className="belfry-time" />
      {snoozedUntil && <ReturnHint at={snoozedUntil} />}
      {expiresAt && <ExpiryHint at={expiresAt} />}
    </p>
  );
}

function Dot() {
  return (
    <span className="belfry-dot" aria-hidden="true">
      ·
    </span>
  );
}

function ReturnHint({ at }: { at: string }) {
  const rich = useTranslateRich();
  return (
    <>
      <Dot />
      <span>{rich('belfry.item.returns', { when: <RelativeTime at={at} className="belfry-time" /> })}</span>
    </>
  );
}

function ExpiryHint({ at }: { at: string }) {
  const now = useNow();
  const words = useTimeWords();
  if (now === null) return null;
  const left = new Date(at).getTime() - now;
  if (left > EXPIRY_SHOWN_MS) return null;
  return (
    <>
      <Dot />
      <span className="belfry-warning">
        {left > 0
          ? words.translate('belfry.item.expires', { when: describeRelative(at, now, words) })
          : words.translate('belfry.item.expired')}
      </span>
    </>
  );
}

/** Three lines, and a button for the rest where there is more. */
function Message({
  text,
  of,
  ...onLink
}: {
  text: string;
  of: Item;
  onFollow: (() => void) | undefined;
  onVisit: () => void;
}) {
  const t = useTranslate();
  const message = useExpandable(of);
  return (
    <>
      <p
        {...message.text}
        dir="auto"
        className={`belfry-text belfry-item-text ${message.isExpanded ? '' : 'belfry-clamped'}`}
      >
        <MessageText text={text} linkClassName="belfry-inline-link" {...onLink} />
      </p>
      {message.overflows && (
        <button {...message.button} className="belfry-expand">
          {t(message.isExpanded ? 'belfry.item.less' : 'belfry.item.all')}
        </button>
      )}
    </>
  );
}
