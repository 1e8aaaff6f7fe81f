'use client';

import {
  type Item,
  MessageText,
  NotificationContent,
  openPanel,
  type Priority,
  type ShownToast,
  type SpokenToast,
  ToastItem,
  ToastList,
  type ToastSummary,
  useInboxActions,
  useSeen,
  useToasts,
  useTranslate,
} from 'belfry/react';
import { type ReactNode, useState } from 'react';
import { ActionButton, needsMore } from './action-button';
import { OpenLink } from './link';
import './notifications.css';
import { PriorityMark, PriorityWord } from './priority-mark';

const REFUSAL_SHOWN_MS = 15_000;

/** Where toasts appear: those that are worth showing, a summary of what has no room, and what is only read out. */
export function Toasts() {
  const { toasts, summary, spoken } = useToasts();
  const { act } = useInboxActions();
  // The toast of what was pressed is gone by then.
  const [refusal, setRefusal] = useState<string | null>(null);
  const take = (id: number, name: string) =>
    void act(id, name).catch((error: unknown) => setRefusal(error instanceof Error ? error.message : null));
  const partOf = (role: ShownToast['role']) => [
    summary?.role === role && <Summary key={`more ${summary.unheard}`} summary={summary} />,
    refusal !== null && role === 'alert' && (
      <ToastItem
        key="refusal"
        lastsMs={REFUSAL_SHOWN_MS}
        onEnd={() => setRefusal(null)}
        className="belfry-toast"
      >
        <ToastFrame priority="HIGH" onClose={() => setRefusal(null)}>
          <p className="belfry-toast-title">{refusal}</p>
        </ToastFrame>
      </ToastItem>
    ),
    ...toasts
      .filter((toast) => toast.role === role)
      .map((toast) => <LiveToast key={toast.id} toast={toast} onTake={(name) => take(toast.id, name)} />),
    ...spoken
      .filter((one) => one.role === role)
      .map((one) => <Spoken key={`spoken ${one.key}`} spoken={one} />),
  ];
  return (
    <ToastList
      className="belfry-root belfry-toasts"
      listClassName="belfry-toast-list"
      status={partOf('status')}
      alert={partOf('alert')}
    />
  );
}

function LiveToast({ toast, onTake }: { toast: ShownToast; onTake: (name: string) => void }) {
  return (
    <ToastItem
      lastsMs={toast.lastsMs}
      onEnd={toast.close}
      isHeard={toast.isHeard}
      seen={useSeen(toast)}
      className="belfry-toast"
    >
      <ToastFrame priority={toast.priority} onClose={toast.close}>
        <ToastText {...textOf(toast)} onVisit={toast.visit} onClose={toast.close} />
        {!toast.group && <ToastActions toast={toast} onTake={onTake} />}
      </ToastFrame>
    </ToastItem>
  );
}

function textOf(item: Item) {
  const { group, priority, title, message, link, linkLabel, eventType } = item;
  const text = { priority, title: group?.title ?? (title || eventType), message, link, linkLabel };
  // The app's own part would draw the newest, as if it were alone.
  return group ? text : { ...text, item };
}

/** What needs more than a press is done in the list. */
function ToastActions({
  toast: { actions, close, visit },
  onTake,
}: {
  toast: ShownToast;
  onTake: (name: string) => void;
}) {
  if (actions.length === 0) return null;
  return (
    <div className="belfry-actions-row">
      {actions.map((action) => (
        <ActionButton
          key={action.name}
          action={action}
          onFollow={close}
          onVisit={visit}
          onPress={() => {
            close();
            if (needsMore(action)) openPanel();
            else onTake(action.name);
          }}
        />
      ))}
    </div>
  );
}

/** Of what has no room, in one line. */
function Summary({ summary }: { summary: ToastSummary }) {
  const { count, priority, lastsMs, isHeard, close, open } = summary;
  const t = useTranslate();
  return (
    <ToastItem lastsMs={lastsMs} onEnd={close} isHeard={isHeard} className="belfry-toast">
      <div className="belfry-toast-frame belfry-toast-summary belfry-edge" data-priority={priority}>
        <p className="belfry-toast-title">{t('belfry.toasts.more', { count })}</p>
        <button type="button" onClick={open} className="belfry-show-more">
          {t('belfry.toasts.show', { count })}
        </button>
        <CloseButton onClose={close} />
      </div>
    </ToastItem>
  );
}

/** What stands in the list in front of the person is told to whoever hears the page. */
function Spoken({ spoken: { text, count, priority, lastsMs, close } }: { spoken: SpokenToast }) {
  const t = useTranslate();
  return (
    <ToastItem lastsMs={lastsMs} onEnd={close} className="belfry-unseen">
      {(priority === 'HIGH' || priority === 'CRITICAL') && (
        <p>
          <PriorityWord priority={priority} />
        </p>
      )}
      <p dir="auto">{text ? text.title : t('belfry.toasts.more', { count })}</p>
      {text?.message && <p dir="auto">{text.message}</p>}
    </ToastItem>
  );
}

interface ToastTextProps {
  priority: Priority;
  title: string;
  message: string;
  link: string | null;
  linkLabel?: string | null | undefined;
  /** What it is of. Absent in a preview. */
  item?: Item | undefined;
  onClose?: (() => void) | undefined;
  /** Whenever its link is followed. */
  onVisit?: (() => void) | undefined;
}

/** A toast that announces nothing: for a preview. */
export function ToastCard(props: ToastTextProps) {
  return (
    <ToastFrame priority={props.priority} onClose={props.onClose}>
      <ToastText {...props} />
    </ToastFrame>
  );
}

function ToastText({ priority, title, message, link, linkLabel, item, onClose, onVisit }: ToastTextProps) {
  const onLink = { onFollow: onClose, onVisit };
  return (
    <>
      {(priority === 'HIGH' || priority === 'CRITICAL') && (
        <p className="belfry-toast-priority">
          <PriorityWord priority={priority} />
        </p>
      )}
      <NotificationContent item={item} place="toast">
        <p dir="auto" className="belfry-toast-title belfry-clamped">
          {title}
        </p>
        {message && (
          <p dir="auto" className="belfry-text belfry-clamped">
            <MessageText text={message} linkClassName="belfry-inline-link" {...onLink} />
          </p>
        )}
      </NotificationContent>
      {link && (
        <p className="belfry-toast-link">
          <OpenLink link={link} label={linkLabel} {...onLink} />
        </p>
      )}
    </>
  );
}

function ToastFrame({
  priority,
  onClose,
  children,
}: {
  priority: Priority;
  onClose?: (() => void) | undefined;
  children: ReactNode;
}) {
  return (
    <div className="belfry-root belfry-toast-frame belfry-edge">
      <PriorityMark priority={priority} />
      <div className="belfry-toast-body">
        <div className="belfry-toast-text">{children}</div>
      </div>
      <CloseButton onClose={onClose} />
    </div>
  );
}

function CloseButton({ onClose }: { onClose: (() => void) | undefined }) {
  const t = useTranslate();
  return (
    <button
      type="button"
      aria-label={t('belfry.toasts.close')}
      data-close=""
      onClick={onClose}
      className="belfry-close"
    >
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d="m4 4 8 8M12 4l-8 8" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" />
      </svg>
    </button>
  );
}
