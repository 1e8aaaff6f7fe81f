'use client';

import { type EntryChange, useTranslate } from 'belfry/react';
import { type RefObject, useState } from 'react';
import { Icon } from './icons';
import './notifications.css';
import { SnoozeMenu } from './snooze-menu';

interface SelectionBarProps {
  /** How many are selected: 1 at least. */
  count: number;
  /** Whether all of them are away, and can come back. */
  isAway: boolean;
  canSnooze: boolean;
  /** @param until Of `snooze`. */
  onChange: (kind: EntryChange, until?: string) => void;
  onSelectAll: () => void;
  onSelectNone: () => void;
  /** Of the button that puts off, for its key. */
  snoozeButton: RefObject<HTMLButtonElement | null>;
}

/** What can be done with several at once. */
export function SelectionBar({ count, isAway, canSnooze, onChange, snoozeButton, ...on }: SelectionBarProps) {
  const t = useTranslate();
  const [at, setAt] = useState<HTMLElement | null>(null);
  const [stopSnoozing] = useState(() => () => setAt(null));
  return (
    <section aria-label={t('belfry.inbox.selection')} className="belfry-selection belfry-edge">
      <p role="status" className="belfry-selection-count">
        {t('belfry.inbox.selected', { count })}
      </p>
      <div className="belfry-selection-buttons">
        {!isAway && (
          <>
            <button type="button" className="belfry-bar-button" onClick={() => onChange('read')}>
              <Icon name="read" />
              <span>{t('belfry.item.read')}</span>
            </button>
            <button type="button" className="belfry-bar-button" onClick={() => onChange('unread')}>
              <Icon name="unread" />
              <span>{t('belfry.item.unread')}</span>
            </button>
          </>
        )}
        {canSnooze && (
          <button
            ref={snoozeButton}
            type="button"
            aria-haspopup="dialog"
            className="belfry-bar-button"
            onClick={({ currentTarget }) => setAt(currentTarget)}
          >
            <Icon name="snooze" />
            <span>{t('belfry.item.snooze')}</span>
          </button>
        )}
        {isAway ? (
          <button type="button" className="belfry-bar-button" onClick={() => onChange('restore')}>
            <Icon name="restore" />
            <span>{t('belfry.item.restore')}</span>
          </button>
        ) : (
          <button type="button" className="belfry-bar-button" onClick={() => onChange('done')}>
            <Icon name="done" />
            <span>{t('belfry.item.dismiss')}</span>
          </button>
        )}
        <button type="button" className="belfry-bar-button" onClick={on.onSelectAll}>
          {t('belfry.inbox.select-all')}
        </button>
        <button
          type="button"
          aria-label={t('belfry.inbox.select-none')}
          title={t('belfry.inbox.select-none')}
          className="belfry-bar-button"
          onClick={on.onSelectNone}
        >
          <Icon name="close" />
        </button>
      </div>
      {at && <SnoozeMenu at={at} onClose={stopSnoozing} onChoose={(until) => onChange('snooze', until)} />}
    </section>
  );
}
