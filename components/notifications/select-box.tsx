'use client';

import { KEYS, useTranslate } from 'belfry/react';
import './notifications.css';

/** Selects an item of a list; with Shift all from the one before. */
export function SelectBox({
  isSelected,
  onSelect,
}: {
  isSelected: boolean;
  onSelect: (toHere: boolean) => void;
}) {
  const t = useTranslate();
  const name = t('belfry.item.select');
  return (
    <label
      className="belfry-select"
      title={t('belfry.item.with-key', { name, key: KEYS.select.toUpperCase() })}
    >
      <input
        type="checkbox"
        aria-label={name}
        aria-keyshortcuts={KEYS.select}
        data-select=""
        checked={isSelected}
        onClick={({ shiftKey }) => onSelect(shiftKey)}
        // What was clicked is said above, with its keys.
        onChange={() => {}}
      />
    </label>
  );
}
