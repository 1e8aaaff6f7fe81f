'use client';

import { type ComponentProps, useEffect, useState } from 'react';

// A press this soon after the button came was meant for what stood there before.
const SETTLES_AFTER_MS = 500;

/** Of a `GuardedButton`; all else is the `<button>`'s own. */
export interface GuardedButtonProps extends Omit<ComponentProps<'button'>, 'onClick'> {
  onPress: () => void;
}

/** A button for what cannot be taken back. It takes presses when it has stood there for a moment. */
export function GuardedButton({ onPress, ...rest }: GuardedButtonProps) {
  const [isSettled, setIsSettled] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsSettled(true), SETTLES_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <button
      type="button"
      {...rest}
      aria-disabled={!isSettled}
      onClick={({ detail }) => {
        // Nobody gets to it by keyboard without having meant it.
        const isByKeyboard = detail === 0;
        if (isSettled || isByKeyboard) onPress();
      }}
    />
  );
}
