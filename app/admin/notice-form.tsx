'use client';

import { DELIBERATE } from 'belfry/react';
import {
  type FormEvent,
  type ReactNode,
  startTransition,
  useActionState,
  useCallback,
  useRef,
  useState,
} from 'react';
import { requestFormReset } from 'react-dom';
import { randomId } from '@/app/random-id.ts';
import { useKeptText } from '@/components/kept-text.ts';
import { refusalOf } from '@/components/refused-action.ts';
import { isFromOtherVersion } from '@/components/site-version.ts';
import { Button, Spinner } from '@/components/ui/button.tsx';
import { SelectField, TextAreaField, TextField } from '@/components/ui/field.tsx';
import { useT } from '@/components/use-t.ts';
import { PRIORITIES, type Priority } from '@/lib/belfry/protocol/priority.ts';
import { lengthOf } from '@/lib/belfry/protocol/text.ts';
import { checkNotice, sendNotice } from './actions.ts';
import { NoticePreview } from './notice-preview.tsx';
import { SendConfirmation } from './send-confirmation.tsx';

interface Draft {
  title: string;
  message: string;
  priority: Priority;
  link: string;
  expires: Expiry;
}

interface Submission {
  data: FormData;
  /** A person has confirmed it. */
  isMeant: boolean;
}

type Result = Awaited<ReturnType<typeof sendNotice>>;

const EMPTY: Draft = { title: '', message: '', priority: 'NORMAL', link: '', expires: 'never' };
const FIELDS = ['title', 'message', 'priority', 'link', 'expires'] as const;
const EXPIRIES = ['never', 'hour', 'day', 'week', 'month'] as const;
type Expiry = (typeof EXPIRIES)[number];
const TITLE_MAX = 200;
const MESSAGE_MAX = 10_000;

interface NoticeFormProps {
  openedAt: string;
  /** Whom it reaches, in a sentence. Anew after each sending. */
  reach: ReactNode;
}

export function NoticeForm({ openedAt, reach }: NoticeFormProps) {
  const t = useT();
  const form = useRef<HTMLFormElement>(null);
  const sendButton = useRef<HTMLButtonElement>(null);
  // One key for each draft, however often it is sent: the server sends it once.
  const draftId = useRef<string | null>(null);
  const [draft, setDraft] = useState(EMPTY);
  /** What could be sent, and waits for a person to say that it is meant. */
  const [checked, setChecked] = useState<{ data: FormData; reach: string } | null>(null);
  useKeptText(form, 'notice', draftId);

  const [{ result, kept }, submit, pending] = useActionState(
    async (_previous: { result: Result; kept: Draft }, { data, isMeant }: Submission) => {
      draftId.current ??= randomId();
      data.set('draftId', draftId.current);
      const result = await (isMeant ? sendNotice : checkNotice)(null, data).catch((error) =>
        whyItFailed(error, t),
      );
      if (result?.ok && isMeant) {
        draftId.current = null;
        setDraft(EMPTY);
        return { result, kept: EMPTY };
      }
      const kept = readDraft(data);
      setDraft(kept);
      if (result?.ok) {
        setChecked({ data, reach: result.message });
        return { result: null, kept };
      }
      focusFirstError(form.current, result);
      return { result, kept };
    },
    { result: null, kept: EMPTY },
  );

  const cancel = useCallback(() => setChecked(null), []);

  function send() {
    if (!checked) return;
    setChecked(null);
    startTransition(() => {
      // As React does after an action of the form itself.
      if (form.current) requestFormReset(form.current);
      submit({ data: checked.data, isMeant: true });
    });
  }

  const errors = result && !result.ok ? result.fieldErrors : {};

  function onInput(event: FormEvent<HTMLFormElement>) {
    // What is on its way keeps its key: should its answer be lost, the next try must not send it again.
    if (!pending) draftId.current = null;
    setDraft(readDraft(new FormData(event.currentTarget)));
  }

  return (
    <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-x-14 gap-y-12 lg:grid-cols-[minmax(0,1fr)_minmax(0,min(24rem,40%))]">
      <form
        ref={form}
        action={(data) => submit({ data, isMeant: false })}
        onInput={onInput}
        {...DELIBERATE}
        noValidate
        className="grid grid-cols-[minmax(0,1fr)] gap-5"
      >
        <TextField
          id="title"
          name="title"
          label={t('admin.form.title')}
          note={remaining(draft.title, TITLE_MAX, t)}
          defaultValue={kept.title}
          error={errors.title?.[0]}
          autoComplete="off"
          required
        />
        <TextAreaField
          id="message"
          name="message"
          label={t('admin.form.message')}
          note={remaining(draft.message, MESSAGE_MAX, t)}
          defaultValue={kept.message}
          error={errors.message?.[0]}
          required
        />
        <div className="grid grid-cols-[repeat(auto-fit,minmax(min(100%,11rem),1fr))] gap-5">
          {/* A form reset takes a select back to the option it was mounted with; the key mounts it anew. */}
          <SelectField
            key={`priority-${kept.priority}`}
            id="priority"
            name="priority"
            label={t('admin.form.priority')}
            defaultValue={kept.priority}
            error={errors.priority?.[0]}
          >
            {PRIORITIES.map((priority) => (
              <option key={priority} value={priority}>
                {t(`belfry.priority.${priority}`)}
              </option>
            ))}
          </SelectField>
          <SelectField
            key={`expires-${kept.expires}`}
            id="expires"
            name="expires"
            label={t('admin.form.expires')}
            defaultValue={kept.expires}
            error={errors.expires?.[0]}
          >
            {EXPIRIES.map((expiry) => (
              <option key={expiry} value={expiry}>
                {t(`admin.expires.${expiry}`)}
              </option>
            ))}
          </SelectField>
        </div>
        <TextField
          id="link"
          name="link"
          label={t('admin.form.link')}
          note={t('admin.form.optional')}
          hint={t('admin.form.link-hint')}
          defaultValue={kept.link}
          error={errors.link?.[0]}
          inputMode="url"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
        />
        <div className="flex flex-wrap items-center gap-x-5 gap-y-3 pt-1">
          <Button
            ref={sendButton}
            type="submit"
            aria-disabled={pending}
            onClick={(event) => pending && event.preventDefault()}
            className="min-h-12 px-6 text-base"
          >
            {pending && <Spinner />}
            <span>{t('admin.form.send')}</span>
          </Button>
          <div aria-live="polite" className="min-w-0 flex-1 basis-60 text-sm">
            {result && !pending && (
              <p className={`wrap-anywhere ${result.ok ? 'text-verdigris-text' : 'text-critical-text'}`}>
                <span>{result.message}</span>
                {result.ok && <span className="ms-[0.3em] text-soft">{reach}</span>}
              </p>
            )}
          </div>
        </div>
      </form>
      <NoticePreview
        title={draft.title}
        message={draft.message}
        link={draft.link}
        priority={draft.priority}
        createdAt={openedAt}
      />
      <SendConfirmation
        notice={checked && { ...draft, expires: t(`admin.expires.${draft.expires}`), reach: checked.reach }}
        onSend={send}
        onCancel={cancel}
        returnFocus={sendButton}
      />
    </div>
  );
}

function readDraft(data: FormData): Draft {
  const text = (name: string) => String(data.get(name) ?? '');
  return {
    title: text('title'),
    message: text('message'),
    priority: text('priority') as Priority,
    link: text('link'),
    expires: text('expires') as Expiry,
  };
}

function focusFirstError(form: HTMLFormElement | null, result: Result) {
  if (!result || result.ok) return;
  const name = FIELDS.find((field) => result.fieldErrors[field]);
  const field = name && form?.elements.namedItem(name);
  if (field instanceof HTMLElement) field.focus();
}

async function whyItFailed(error: unknown, t: ReturnType<typeof useT>): Promise<Result> {
  const refusal = refusalOf(error);
  if (refusal !== null) return { ok: false, message: refusal, fieldErrors: {} };
  const message = (await isFromOtherVersion(error))
    ? t('admin.form.kept', { what: t('belfry.version.reload') })
    : t('admin.form.unreachable');
  return { ok: false, message, fieldErrors: {} };
}

/** Said only when it begins to matter. */
function remaining(text: string, max: number, t: ReturnType<typeof useT>) {
  const left = max - lengthOf(text);
  if (left > max / 5) return '';
  return left >= 0 ? t('admin.form.left', { count: left }) : t('admin.form.too-many', { count: -left });
}
