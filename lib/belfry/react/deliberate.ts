import type { KeyboardEvent, MouseEvent, SyntheticEvent } from 'react';

/**
 * Spread on an element whose buttons do what cannot be taken back, or move under the pointer as others go:
 * in it the second click of a double click does nothing, and a key that is held down presses once.
 */
export const DELIBERATE = {
  onClickCapture(event: MouseEvent) {
    // The browser counts the clicks of one place, whatever stands there by now.
    if (event.detail > 1) ignore(event);
  },
  onKeyDownCapture(event: KeyboardEvent) {
    const isTyped = event.target instanceof HTMLTextAreaElement;
    if (event.repeat && event.key === 'Enter' && !isTyped) ignore(event);
  },
};

function ignore(event: SyntheticEvent) {
  event.preventDefault();
  event.stopPropagation();
}
