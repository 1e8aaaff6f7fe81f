'use client';

import { type Item, type ItemAction, useAttempt, useInboxActions, useTranslate } from 'belfry/react';
import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import { ActionButton, needsMore } from './action-button';
import './notifications.css';

interface ItemActionsProps {
  item: Item;
  /** Of what the item is called. */
  titleId?: string | undefined;
  /** After a link was followed. */
  onFollow?: (() => void) | undefined;
  /** Whenever a link is followed. */
  onVisit?: (() => void) | undefined;
}

/** What can be done with a notification, and what was. Nothing where its definition says nothing of it. */
export function ItemActions({ item, ...rest }: ItemActionsProps) {
  if (item.answer) return <Answered item={item} />;
  return item.actions.length > 0 ? <OpenActions item={item} {...rest} /> : null;
}

function Answered({ item: { answer, actedWith } }: { item: Item }) {
  const t = useTranslate();
  if (!answer) return null;
  const { label } = answer;
  return (
    <p className="belfry-answered">
      <svg viewBox="0 0 12 12" className="belfry-answered-sign" aria-hidden="true">
        <path d="m2 6.5 2.5 2.5L10 3.5" fill="none" stroke="currentColor" strokeWidth="1.6" />
      </svg>
      <span>{t(actedWith === null ? 'belfry.actions.others-chose' : 'belfry.actions.chose', { label })}</span>
    </p>
  );
}

function OpenActions({ item, titleId, onFollow, onVisit }: ItemActionsProps) {
  const { act } = useInboxActions();
  const { problem, attempt } = useAttempt();
  const [asking, setAsking] = useState<string | null>(null);
  const asked = item.actions.find(({ name }) => name === asking);
  const buttons = useRef<HTMLDivElement>(null);
  const take = (name: string, input?: string) => void attempt(() => act(item.id, name, input));

  function stopAsking(): void {
    setAsking(null);
    // What had the focus goes.
    buttons.current?.focus();
  }

  return (
    <div className="belfry-actions">
      {asked ? (
        <Asking
          action={asked}
          onCancel={stopAsking}
          onTake={(input) => {
            setAsking(null);
            take(asked.name, input);
          }}
        />
      ) : (
        <div ref={buttons} tabIndex={-1} className="belfry-actions-row">
          {item.actions.map((action) => (
            <ActionButton
              key={action.name}
              action={action}
              titleId={titleId}
              onFollow={onFollow}
              onVisit={onVisit}
              onPress={() => (needsMore(action) ? setAsking(action.name) : take(action.name))}
            />
          ))}
        </div>
      )}
      {problem && (
        <p role="alert" className="belfry-problem">
          {problem}
        </p>
      )}
    </div>
  );
}

/** What is asked before an action is taken: whether it is meant, or what it needs. Escape takes it back. */
function Asking({
  action: { label, confirm, input },
  onTake,
  onCancel,
}: {
  action: ItemAction;
  onTake: (input?: string) => void;
  onCancel: () => void;
}) {
  const t = useTranslate();
  const fieldId = useId();
  const first = useRef<HTMLElement | null>(null);
  useEffect(() => first.current?.focus(), []);
  const keep = (element: HTMLElement | null) => {
    first.current = element;
  };

  function submit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const text = new FormData(event.currentTarget).get('input');
    onTake(input ? String(text ?? '') : undefined);
  }

  return (
    <form
      className="belfry-asking"
      onSubmit={submit}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        // Or the panel that it stands in would close.
        event.preventDefault();
        onCancel();
      }}
    >
      {confirm && <p className="belfry-text">{confirm}</p>}
      {input && (
        <>
          <label htmlFor={fieldId} className="belfry-asking-label">
            {input.label}
          </label>
          {input.multiline ? (
            <textarea ref={keep} id={fieldId} name="input" rows={3} dir="auto" className="belfry-field" />
          ) : (
            <input
              ref={keep}
              id={fieldId}
              name="input"
              dir="auto"
              autoComplete="off"
              className="belfry-field"
            />
          )}
        </>
      )}
      <div className="belfry-actions-row">
        <button type="submit" ref={input ? undefined : keep} className="belfry-action-button">
          {label}
        </button>
        <button type="button" className="belfry-action-button" onClick={onCancel}>
          {t('belfry.actions.cancel')}
        </button>
      </div>
    </form>
  );
}
