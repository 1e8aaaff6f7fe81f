'use client';

import { useCallback, useId, useRef, useState } from 'react';

type Length = 'short' | 'clamped' | 'expanded';

// What is scrolled out of sight leaves the document, and has to come back as high as it was.
const lengths = new WeakMap<object, Length>();

/**
 * For a text that its style cuts off after some lines, and a button for the rest where there is more; measured,
 * since it depends on the width.
 *
 * @param of What it is the text of: whether that is expanded is remembered for as long as it is the same object, and where
 *   another takes its place here, as when it was read.
 */
export function useExpandable(of: object) {
  const id = useId();
  const [length, setLength] = useState(lengths.get(of) ?? 'short');
  const latest = useRef(length);
  const isExpanded = length === 'expanded';

  const settle = useCallback(
    (next: Length) => {
      lengths.set(of, next);
      latest.current = next;
      setLength(next);
    },
    [of],
  );

  const watchOverflow = useCallback(
    (node: HTMLElement | null) => {
      if (!node) return;
      const measure = () => {
        // Measurable only while clamped; once expanded, the button has to stay.
        if (latest.current === 'expanded') return;
        settle(node.scrollHeight > node.clientHeight + 1 ? 'clamped' : 'short');
      };
      if (!lengths.has(of)) lengths.set(of, latest.current);
      // At once, so that the list measures the item together with its button.
      measure();
      const observer = new ResizeObserver(measure);
      observer.observe(node);
      return () => observer.disconnect();
    },
    [of, settle],
  );

  return {
    isExpanded,
    overflows: length !== 'short',
    /** For the element of the text. */
    text: { ref: watchOverflow, id },
    /** For the button, which is there when it `overflows`. */
    button: {
      type: 'button' as const,
      'aria-expanded': isExpanded,
      'aria-controls': id,
      onClick: () => settle(isExpanded ? 'clamped' : 'expanded'),
    },
  };
}
