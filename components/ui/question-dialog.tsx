'use client';

import { Dialog, type DialogProps } from 'belfry/react';
import { useRef } from 'react';

/** A question in the middle of the screen, in front of everything. */
export function QuestionDialog({ children, ...props }: Omit<DialogProps, 'ref' | 'modal' | 'className'>) {
  const dialog = useRef<HTMLDialogElement>(null);
  return (
    <Dialog
      {...props}
      ref={dialog}
      modal
      className="edge m-auto max-h-[calc(100dvh-1.5rem)] w-112 max-w-[calc(100vw-1.5rem)] overflow-y-auto rounded-2xl bg-surface text-ink shadow-lifted backdrop:bg-veil open:animate-open"
    >
      {/* The dialog itself has no room of its own: a press on it is one beside it. */}
      <div className="p-5 sm:p-6">{children}</div>
    </Dialog>
  );
}
