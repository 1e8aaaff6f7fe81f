'use client';

import {
  type Priority,
  type ShownToast,
  ToastItem,
  ToastList,
  type ToastSummary,
  useToasts,
  useTranslate,
} from 'belfry/react';
import type { ReactNode } from 'react';
import { OpenLink } from './link';
import './notifications.css';
import { PriorityMark, PriorityWord } from './priority-mark';

/** Where toasts appear: those that are worth showing, and a summary of what has no room. */
export function Toasts() {
  const { toasts, summary } = useToasts();
  return (
    <ToastList className="belfry-root belfry-toasts" listClassName="belfry-toast-list">
      {summary && <Summary key={summary.count} summary={summary} />}
      {toasts.map((toast) => (
        <LiveToast key={toast.id} toast={toast} />
      ))}
    </ToastList>
  );
}

function LiveToast({ toast }: { toast: ShownToast }) {
  return (
    <ToastItem lastsMs={toast.lastsMs} onEnd={toast.close} className="belfry-toast">
      <ToastCard
        role={toast.role}
        priority={toast.priority}
        title={toast.title || toast.eventType}
        message={toast.message}
        link={toast.link}
        onVisit={toast.visit}
        onClose={toast.close}
      />
    </ToastItem>
  );
}

/** Of what has no room. With every addition its time begins anew: see its key. */
function Summary({ summary: { count, priority, role, lastsMs, close, open } }: { summary: ToastSummary }) {
  const t = useTranslate();
  return (
    <ToastItem lastsMs={lastsMs} onEnd={close} className="belfry-toast">
      <ToastFrame role={role} priority={priority} onClose={close}>
        <p className="belfry-toast-title">{t('belfry.toasts.more', { count })}</p>
        <button type="button" onClick={open} className="belfry-show-more">
          {t('belfry.toasts.show', { count })}
        </button>
      </ToastFrame>
    </ToastItem>
  );
}

interface ToastCardProps {
  priority: Priority;
  title: string;
  message: string;
  link: string | null;
  /** Absent in a preview, which announces nothing. */
  role?: 'status' | 'alert' | undefined;
  onClose?: (() => void) | undefined;
  /** Whenever its link is followed. */
  onVisit?: (() => void) | undefined;
}

export function ToastCard({ priority, title, message, link, role, onClose, onVisit }: ToastCardProps) {
  return (
    <ToastFrame role={role} priority={priority} onClose={onClose}>
      {(priority === 'HIGH' || priority === 'CRITICAL') && (
        <p className="belfry-toast-priority">
          <PriorityWord priority={priority} />
        </p>
      )}
      <p dir="auto" className="belfry-toast-title belfry-clamped">
        {title}
      </p>
      <p dir="auto" className="belfry-text belfry-clamped">
        {message}
      </p>
      {link && (
        <p className="belfry-toast-link">
          <OpenLink link={link} onFollow={onClose} onVisit={onVisit} />
        </p>
      )}
    </ToastFrame>
  );
}

function ToastFrame({
  role,
  priority,
  onClose,
  children,
}: {
  role?: 'status' | 'alert' | undefined;
  priority: Priority;
  onClose?: (() => void) | undefined;
  children: ReactNode;
}) {
  const t = useTranslate();
  return (
    <div role={role} className="belfry-root belfry-toast-frame belfry-edge">
      <PriorityMark priority={priority} />
      <div className="belfry-toast-body">
        <div className="belfry-toast-text">{children}</div>
      </div>
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
    </div>
  );
}
