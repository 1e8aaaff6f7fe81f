'use client';

import type { Priority } from 'belfry/react';
import { type ReactNode, type RefObject, useId } from 'react';
import { PriorityWord } from '@/components/notifications/priority-mark.tsx';
import { Button } from '@/components/ui/button.tsx';
import { GuardedButton } from '@/components/ui/guarded-button.tsx';
import { QuestionDialog } from '@/components/ui/question-dialog.tsx';

interface SendConfirmationProps {
  /** What is about to be sent; null while nothing is. */
  notice: { title: string; priority: Priority; expires: string; link: string } | null;
  onSend: () => void;
  onCancel: () => void;
  /** Gets the focus back. */
  returnFocus: RefObject<HTMLElement | null>;
}

/** Asks whether it is meant: what goes to everyone cannot be taken back. */
export function SendConfirmation({ notice, onSend, onCancel, returnFocus }: SendConfirmationProps) {
  const titleId = useId();
  const textId = useId();
  return (
    <QuestionDialog
      open={notice !== null}
      onClose={onCancel}
      returnFocus={returnFocus}
      aria-labelledby={titleId}
      aria-describedby={textId}
    >
      {notice && (
        <>
          <h2 id={titleId} className="text-xl font-semibold tracking-tight">
            Send this to everyone?
          </h2>
          <div id={textId}>
            <dl className="mt-4 grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1.5 text-sm">
              <Detail name="Notice">
                <bdi className="line-clamp-4 font-semibold wrap-anywhere">{notice.title}</bdi>
              </Detail>
              <Detail name="To">
                <span className="font-semibold">Everyone</span>
              </Detail>
              <Detail name="With priority">
                <PriorityWord priority={notice.priority} />
              </Detail>
              <Detail name="Expires">
                <span>{notice.expires}</span>
              </Detail>
              {notice.link && (
                <Detail name="With a link to">
                  <bdi className="line-clamp-4 wrap-anywhere">{notice.link}</bdi>
                </Detail>
              )}
            </dl>
            <p className="mt-4 text-sm text-soft">It reaches people at once, and cannot be taken back.</p>
          </div>
          <div className="mt-6 flex flex-wrap justify-end gap-3">
            <Button look="plain" onClick={onCancel}>
              Cancel
            </Button>
            <GuardedButton onPress={onSend}>Send</GuardedButton>
          </div>
        </>
      )}
    </QuestionDialog>
  );
}

function Detail({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-soft">{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
