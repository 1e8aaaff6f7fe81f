/**
 * Errors that a person may read: a code for the program, a sentence that says how to go on, an HTTP
 * status. Anything else that is thrown is a defect: it is logged, and answered with `internal_error`.
 */

import type { z } from 'zod';

const STATUS = {
  bad_encoding: 400,
  bad_environment: 500,
  bad_json: 400,
  bad_request: 400,
  request_aborted: 400,
  not_signed_in: 401,
  not_allowed: 403,
  wrong_origin: 403,
  not_found: 404,
  unknown_event_type: 404,
  method_not_allowed: 405,
  conflict: 409,
  cannot_calculate_changes: 409,
  cannot_undo: 409,
  already_answered: 409,
  expired: 409,
  length_required: 411,
  body_too_large: 413,
  unsupported_media_type: 415,
  invalid_input: 422,
  too_many_requests: 429,
  too_many_streams: 429,
  internal_error: 500,
  database_unusable: 503,
  database_busy: 503,
  shutting_down: 503,
} as const;

// What Next answers with the status, and a page with its own page for it, wherever it is thrown.
const NEXT_ANSWERS: readonly number[] = [401, 403, 404];

/** What a program goes by. Once published, a code keeps its meaning. */
export type ErrorCode = keyof typeof STATUS;
/** Sentences, by the name of the field that they are about. */
export type FieldErrors = Record<string, string[]>;

/** What was answered before somebody else tried. */
export interface FirstAnswer {
  action: string;
  /** The app's own id of the user; `null`: whoever tried. */
  by: string | null;
  at: Date | null;
}

/** What else a refusal may carry. */
export interface ErrorDetails {
  fieldErrors?: FieldErrors;
  /** Sent as `Retry-After`. */
  retryAfterSeconds?: number;
  /** What was answered first. */
  answer?: FirstAnswer | null;
  cause?: unknown;
}

/** A refusal: its message is the sentence that a person reads, and `cause` is for the log alone. */
export class BelfryError extends Error {
  override readonly name = 'BelfryError';
  readonly code: ErrorCode;
  readonly status: number;
  readonly fieldErrors: FieldErrors | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly answer: FirstAnswer | undefined;

  constructor(code: ErrorCode, sentence: string, details: ErrorDetails = {}) {
    super(sentence, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.status = STATUS[code];
    this.fieldErrors = details.fieldErrors;
    this.retryAfterSeconds = details.retryAfterSeconds;
    this.answer = details.answer ?? undefined;
  }

  /** As Next's own `unauthorized()`, `forbidden()` and `notFound()` have it: without it a plain handler answers 500. */
  get digest(): string | undefined {
    return NEXT_ANSWERS.includes(this.status) ? `NEXT_HTTP_ERROR_FALLBACK;${this.status}` : undefined;
  }
}

/** By code, never by `instanceof`: Next loads this module more than once in one process. */
export function isBelfryError(error: unknown, code?: ErrorCode): error is BelfryError {
  if (typeof error !== 'object' || error === null || !('code' in error) || !('status' in error)) return false;
  return code === undefined ? Object.hasOwn(STATUS, String(error.code)) : error.code === code;
}

/** The JSON body of every refusal: `{ error: { code, message, fieldErrors?, answer? } }`. */
export function errorBody(error: BelfryError) {
  const { code, message, fieldErrors, answer } = error;
  const details = {
    ...(fieldErrors ? { fieldErrors } : {}),
    ...(answer
      ? { answer: { action: answer.action, by: answer.by, at: answer.at?.toISOString() ?? null } }
      : {}),
  };
  return { error: { code, message, ...details } };
}

/**
 * What zod found, as an error that a form and a program can both use.
 *
 * @param within The field that what was parsed stands in. Default: it is all that was given.
 */
export function invalidInput(error: z.core.$ZodError, sentence: string, within?: string): BelfryError {
  // A map: a field may have the name of something that every object has.
  const fieldErrors = new Map<string, string[]>();
  for (const issue of error.issues) {
    const path = within === undefined ? issue.path : [within, ...issue.path];
    const field = path.map(String).join('.') || 'body';
    fieldErrors.set(field, [...(fieldErrors.get(field) ?? []), issue.message]);
  }
  return new BelfryError('invalid_input', sentence, { fieldErrors: Object.fromEntries(fieldErrors) });
}
