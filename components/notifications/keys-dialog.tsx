'use client';

import { Dialog, KEYS, useTranslate } from 'belfry/react';
import { type RefObject, useId, useRef } from 'react';
import './notifications.css';

const COMMANDS = [
  'next',
  'previous',
  'open',
  'done',
  'read',
  'unread',
  'snooze',
  'select',
  'undo',
  'all-done',
  'search',
  'leave',
  'help',
] as const;
const GO = { inbox: 'i', home: 'h', settings: 's' } as const;

/** All keys of the inbox, in front of it. */
export function KeysDialog({
  open,
  onClose,
  returnFocus,
}: {
  open: boolean;
  onClose: () => void;
  returnFocus: RefObject<HTMLElement | null>;
}) {
  const t = useTranslate();
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  return (
    <Dialog
      ref={dialog}
      open={open}
      modal
      onClose={onClose}
      returnFocus={returnFocus}
      aria-labelledby={titleId}
      className="belfry-root belfry-keys belfry-edge"
    >
      <div className="belfry-keys-head">
        <h2 id={titleId} className="belfry-title">
          {t('belfry.keys.title')}
        </h2>
        <button type="button" className="belfry-quiet" onClick={onClose}>
          {t('belfry.keys.close')}
        </button>
      </div>
      <dl className="belfry-keys-list">
        {COMMANDS.map((command) => (
          <div key={command} className="belfry-keys-line">
            <dt>{t(`belfry.keys.${command}`)}</dt>
            <dd>
              <Key name={command === 'open' ? 'Enter' : KEYS[command]} />
            </dd>
          </div>
        ))}
        {(Object.keys(GO) as (keyof typeof GO)[]).map((place) => (
          <div key={place} className="belfry-keys-line">
            <dt>{t(`belfry.keys.${place}`)}</dt>
            <dd>
              <Key name="g" />
              <Key name={GO[place]} />
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}

/** As keyboards have it on them. */
function Key({ name }: { name: string }) {
  return name.split('+').map((part) => (
    <kbd key={part} className="belfry-key">
      {part.length === 1 ? part.toUpperCase() : part}
    </kbd>
  ));
}
