'use client';

import { useSnoozeTimes, useTranslate } from 'belfry/react';
import {
  type FormEvent,
  type KeyboardEvent,
  useCallback,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import './notifications.css';

// Between the menu and what it stands at, and from the edges of the screen.
const GAP_PX = 4;
const EDGE_PX = 8;

/** Asks until when something is put off, at the button that was pressed for it. Escape, or a press beside it, takes it back. */
export function SnoozeMenu({
  at,
  onChoose,
  onClose,
}: {
  at: HTMLElement;
  /** @param until ISO 8601. */
  onChoose: (until: string) => void;
  /** The same function each time. */
  onClose: () => void;
}) {
  const t = useTranslate();
  const { choices, field, untilOf } = useSnoozeTimes();
  const [titleId, fieldId, problemId] = [useId(), useId(), useId()];
  const [isImpossible, setIsImpossible] = useState(false);
  const menu = useRef<HTMLDivElement>(null);
  const leave = useCallback(() => {
    const { activeElement } = document;
    // Whoever pressed something else is there already.
    if (activeElement === document.body || menu.current?.contains(activeElement)) {
      at.focus({ preventScroll: true });
    }
    onClose();
  }, [at, onClose]);

  useLayoutEffect(() => {
    const { current } = menu;
    if (!current) return;
    current.showPopover();
    place(current, at);
    current.querySelector('button')?.focus();
    const onToggle = ({ newState }: Event & { newState?: string }) => {
      if (newState === 'closed') leave();
    };
    // It stands where the button was.
    const onScroll = ({ target }: Event) => {
      if (!(target instanceof Node && current.contains(target))) place(current, at);
    };
    current.addEventListener('toggle', onToggle);
    window.addEventListener('scroll', onScroll, { capture: true, passive: true });
    return () => {
      current.removeEventListener('toggle', onToggle);
      window.removeEventListener('scroll', onScroll, { capture: true });
    };
  }, [at, leave]);

  function choose(until: string): void {
    leave();
    onChoose(until);
  }

  function submit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const until = untilOf(String(new FormData(event.currentTarget).get('until') ?? ''));
    setIsImpossible(until === null);
    if (until !== null) choose(until);
  }

  return (
    <div
      ref={menu}
      popover="auto"
      role="dialog"
      aria-labelledby={titleId}
      className="belfry-root belfry-menu belfry-edge"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return walk(event);
        // Or the panel that it stands in would close.
        event.preventDefault();
        leave();
      }}
    >
      <p id={titleId} className="belfry-menu-title">
        {t('belfry.snooze.title')}
      </p>
      {choices.map(({ name, label, when, until }) => (
        <button
          key={name}
          type="button"
          data-choice={name}
          className="belfry-menu-line"
          onClick={() => choose(until)}
        >
          <span>{label}</span>
          <span className="belfry-menu-when">{when}</span>
        </button>
      ))}
      <form className="belfry-menu-form" noValidate onSubmit={submit}>
        <label htmlFor={fieldId} className="belfry-asking-label">
          {t('belfry.snooze.other')}
        </label>
        <div className="belfry-menu-field">
          <input
            id={fieldId}
            name="until"
            {...field}
            aria-invalid={isImpossible}
            aria-describedby={isImpossible ? problemId : undefined}
            className="belfry-field"
          />
          <button type="submit" className="belfry-action-button">
            {t('belfry.snooze.set')}
          </button>
        </div>
        {isImpossible && (
          <p id={problemId} role="alert" className="belfry-menu-problem">
            {t('belfry.snooze.impossible')}
          </p>
        )}
      </form>
    </div>
  );
}

/** Below what it stands at, or above where there is more room; at the same end, and on the screen. */
function place(menu: HTMLElement, at: HTMLElement): void {
  const button = at.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const { clientWidth, clientHeight } = document.documentElement;
  const below = button.bottom + GAP_PX;
  const top = below + height <= clientHeight - EDGE_PX ? below : button.top - GAP_PX - height;
  const isLeftToRight = getComputedStyle(at).direction === 'ltr';
  const left = isLeftToRight ? button.right - width : button.left;
  menu.style.top = `${within(top, clientHeight - height)}px`;
  menu.style.left = `${within(left, clientWidth - width)}px`;
}

function within(wanted: number, most: number): number {
  return Math.max(EDGE_PX, Math.min(wanted, most - EDGE_PX));
}

/** The arrows lead from line to line; in the field they change the time. */
function walk(event: KeyboardEvent<HTMLElement>): void {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (by === undefined || !(event.target instanceof HTMLButtonElement)) return;
  event.preventDefault();
  const lines = [...event.currentTarget.querySelectorAll('button')];
  lines[(lines.indexOf(event.target) + by + lines.length) % lines.length]?.focus();
}
