import type { ComponentProps, ReactNode } from 'react';

const CONTROL =
  'w-full rounded-lg border border-control bg-surface px-3 text-base text-ink placeholder:text-soft hover:border-verdigris-text aria-invalid:border-critical-text aria-invalid:outline-critical-text';

interface FieldProps {
  id: string;
  label: string;
  /** Beside the label and outside it, so that the label's name stays exact. */
  note?: string | undefined;
  hint?: ReactNode;
  error?: string | undefined;
}

function FieldFrame({ id, label, note, hint, error, children }: FieldProps & { children: ReactNode }) {
  return (
    <div className="grid gap-1.5">
      <div className="flex items-baseline justify-between gap-3">
        <label htmlFor={id} className="text-sm font-medium">
          {label}
        </label>
        {note && (
          <span id={`${id}-note`} className="text-xs text-soft tabular-nums">
            {note}
          </span>
        )}
      </div>
      {children}
      {hint && !error && (
        <p id={`${id}-hint`} className="text-xs text-soft">
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} className="flex gap-1.5 text-sm text-critical-text">
          <svg viewBox="0 0 16 16" className="mt-0.75 size-3.5 shrink-0 fill-current" aria-hidden="true">
            <path d="M8 .5 15.8 14.6a.6.6 0 0 1-.5.9H.7a.6.6 0 0 1-.5-.9zM7.2 5.6l.2 5h1.2l.2-5zM8 11.7a.9.9 0 1 0 0 1.8.9.9 0 0 0 0-1.8z" />
          </svg>
          <span>{error}</span>
        </p>
      )}
    </div>
  );
}

function stateOf({ id, note, hint, error }: FieldProps) {
  const ids = [error ? `${id}-error` : hint ? `${id}-hint` : null, note ? `${id}-note` : null].filter(
    Boolean,
  );
  return {
    ...(error ? { 'aria-invalid': true } : {}),
    ...(ids.length > 0 ? { 'aria-describedby': ids.join(' ') } : {}),
  };
}

function split<Rest extends FieldProps>({ label, note, hint, error, ...rest }: Rest) {
  return { field: { id: rest.id, label, note, hint, error }, rest };
}

export function TextField(props: FieldProps & Omit<ComponentProps<'input'>, 'id'>) {
  const { field, rest } = split(props);
  return (
    <FieldFrame {...field}>
      <input type="text" {...rest} {...stateOf(field)} className={`${CONTROL} h-11`} />
    </FieldFrame>
  );
}

export function TextAreaField(props: FieldProps & Omit<ComponentProps<'textarea'>, 'id'>) {
  const { field, rest } = split(props);
  return (
    <FieldFrame {...field}>
      <textarea
        rows={4}
        {...rest}
        {...stateOf(field)}
        className={`${CONTROL} field-sizing-content min-h-28 py-2.5`}
      />
    </FieldFrame>
  );
}

export function SelectField(props: FieldProps & Omit<ComponentProps<'select'>, 'id'>) {
  const { field, rest } = split(props);
  return (
    <FieldFrame {...field}>
      <div className="relative">
        <select {...rest} {...stateOf(field)} className={`${CONTROL} h-11 appearance-none pe-9`} />
        <svg
          viewBox="0 0 16 16"
          className="pointer-events-none absolute end-3 top-1/2 size-4 -translate-y-1/2 text-soft"
          aria-hidden="true"
        >
          <path
            d="m4 6 4 4 4-4"
            fill="none"
            stroke="currentColor"
            strokeWidth="1.75"
            strokeLinecap="round"
            strokeLinejoin="round"
          />
        </svg>
      </div>
    </FieldFrame>
  );
}
