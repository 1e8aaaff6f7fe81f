'use client';

import { KEYS, useTranslate } from 'belfry/react';
import './notifications.css';

/** Selects an item of a list; with Shift all from the one before. */
export function SelectBox({
  titleId,
  isSelected,
  hasKeys,
  onSelect,
}: {
  /** Of what the item is called. */
  titleId: string;
  isSelected: boolean;
  hasKeys: boolean | undefined;
  onSelect: (toHere: boolean) => void;
}) {
  const t = useTranslate();
  const name = t('belfry.item.select');
  const title = hasKeys ? t('belfry.item.with-key', { name, key: KEYS.select.toUpperCase() }) : name;
  return (
    <label className="belfry-select" title={title}>
      <input
        type="checkbox"
        aria-label={name}
        aria-describedby={titleId}
        aria-keyshortcuts={hasKeys ? KEYS.select : undefined}
        data-select=""
        checked={isSelected}
        onClick={({ shiftKey }) => onSelect(shiftKey)}
        // What was clicked is said above, with its keys.
        onChange={() => {}}
      />
    </label>
  );
}
