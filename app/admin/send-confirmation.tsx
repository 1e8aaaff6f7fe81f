'use client';

import type { Priority } from 'belfry/react';
import { type ReactNode, type RefObject, useId } from 'react';
import { PriorityWord } from '@/components/notifications/priority-mark.tsx';
import { Button } from '@/components/ui/button.tsx';
import { GuardedButton } from '@/components/ui/guarded-button.tsx';
import { QuestionDialog } from '@/components/ui/question-dialog.tsx';
import { useT } from '@/components/use-t.ts';

interface SendConfirmationProps {
  /** What is about to be sent; null while nothing is. */
  notice: { title: string; priority: Priority; expires: string; link: string; reach: string } | null;
  onSend: () => void;
  onCancel: () => void;
  /** Gets the focus back. */
  returnFocus: RefObject<HTMLElement | null>;
}

/** Asks whether it is meant: what goes to everyone cannot be taken back. */
export function SendConfirmation({ notice, onSend, onCancel, returnFocus }: SendConfirmationProps) {
  const t = useT();
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
            {t('admin.confirm.title')}
          </h2>
          <div id={textId}>
            <dl className="mt-4 grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1.5 text-sm">
              <Detail name={t('admin.confirm.notification')}>
                <bdi className="line-clamp-4 font-semibold wrap-anywhere">{notice.title}</bdi>
              </Detail>
              <Detail name={t('admin.confirm.to')}>
                <span className="font-semibold">{t('admin.confirm.everyone')}</span>
              </Detail>
              <Detail name={t('admin.confirm.priority')}>
                <PriorityWord priority={notice.priority} />
              </Detail>
              <Detail name={t('admin.form.expires')}>
                <span>{notice.expires}</span>
              </Detail>
              {notice.link && (
                <Detail name={t('admin.confirm.link')}>
                  <bdi className="line-clamp-4 wrap-anywhere">{notice.link}</bdi>
                </Detail>
              )}
            </dl>
            <p className="mt-4 text-sm text-soft">
              <span>{notice.reach}</span>
              <span className="ms-[0.3em]">{t('admin.confirm.text')}</span>
            </p>
          </div>
          <div className="mt-6 flex flex-wrap justify-end gap-3">
            <Button look="plain" onClick={onCancel}>
              {t('button.cancel')}
            </Button>
            <GuardedButton onPress={onSend}>{t('admin.confirm.send')}</GuardedButton>
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
