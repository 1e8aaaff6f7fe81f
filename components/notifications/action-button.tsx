'use client';

import { type ItemAction, NotificationLink } from 'belfry/react';
import './notifications.css';

interface ActionButtonProps {
  action: ItemAction;
  /** Of what the item is called. */
  titleId?: string | undefined;
  /** After a link was followed. */
  onFollow?: (() => void) | undefined;
  /** Whenever a link is followed. */
  onVisit?: (() => void) | undefined;
  onPress: () => void;
}

/** One action, as a link where it only leads somewhere. */
export function ActionButton({
  action: { label, link },
  titleId,
  onFollow,
  onVisit,
  onPress,
}: ActionButtonProps) {
  if (link !== null) {
    return (
      <NotificationLink link={link} className="belfry-action-button" onFollow={onFollow} onVisit={onVisit}>
        {() => label}
      </NotificationLink>
    );
  }
  return (
    <button type="button" aria-describedby={titleId} className="belfry-action-button" onClick={onPress}>
      {label}
    </button>
  );
}

/** Whether something is asked before it is taken. */
export function needsMore({ confirm, input }: ItemAction): boolean {
  return confirm !== null || input !== null;
}
