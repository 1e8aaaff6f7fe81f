/**
 * Errors that a person may read: a code for the program, a sentence that says how to go on, an HTTP
 * status. Anything else that is thrown is a defect: it is logged, and answered with `internal_error`.
 */

import type { z } from 'zod';
import {
  type MessageKey,
  type ToMessage,
  toMessage,
  translateWording,
  type Wording,
} from '../language/message.ts';
import type { Translate, Value } from '../language/translate.ts';

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
/** The same, before it is known in which language they are read. */
export type FieldWordings = Record<string, Wording[]>;

/** What was answered before somebody else tried. */
export interface FirstAnswer {
  action: string;
  /** The app's own id of the user; `null`: whoever tried. */
  by: string | null;
  at: Date | null;
}

/** What else a refusal may carry. */
export interface ErrorDetails {
  fieldErrors?: FieldWordings;
  /** Sent as `Retry-After`. */
  retryAfterSeconds?: number;
  /** What was answered first. */
  answer?: FirstAnswer | null;
  cause?: unknown;
}

/**
 * A refusal. What a person reads is a sentence of a catalogue, or the plain text of an app that speaks one language; it is put
 * into their words by `errorBody`. `message` and `fieldErrors` are the same in English, and `cause` is for the log alone.
 */
export class BelfryError extends Error {
  override readonly name = 'BelfryError';
  readonly code: ErrorCode;
  readonly status: number;
  readonly wording: Wording;
  readonly fieldWordings: FieldWordings | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly answer: FirstAnswer | undefined;

  constructor(code: ErrorCode, wording: Wording, details: ErrorDetails = {}) {
    super(translateWording(wording), details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.status = STATUS[code];
    this.wording = wording;
    this.fieldWordings = details.fieldErrors;
    this.retryAfterSeconds = details.retryAfterSeconds;
    this.answer = details.answer ?? undefined;
  }

  get fieldErrors(): FieldErrors | undefined {
    return this.fieldWordings && fieldsInWords(this.fieldWordings);
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

/**
 * The JSON body of every refusal: `{ error: { code, message, fieldErrors?, answer? } }`.
 *
 * @param translate Into the language of whoever asked. Default: English.
 */
export function errorBody(
  { code, message, wording = message, fieldErrors, fieldWordings = fieldErrors, answer }: BelfryError,
  translate?: Translate,
) {
  const details = {
    ...(fieldWordings ? { fieldErrors: fieldsInWords(fieldWordings, translate) } : {}),
    ...(answer
      ? { answer: { action: answer.action, by: answer.by, at: answer.at?.toISOString() ?? null } }
      : {}),
  };
  return { error: { code, message: translateWording(wording, translate), ...details } };
}

function fieldsInWords(fields: FieldWordings, translate?: Translate): FieldErrors {
  return Object.fromEntries(
    Object.entries(fields).map(([field, wording]) => [
      field,
      wording.map((one) => translateWording(one, translate)),
    ]),
  );
}

/**
 * What came, as the schema gives it back. A message of the schema that is a key of the catalogue is that message, given what
 * zod says of the issue (`maximum`, `params`, and `field`); any other stands as it is; where the schema says nothing,
 * Belfry has a sentence for it.
 *
 * @param wording What is wrong as a whole, which may depend on how many fields it is; null: what is wrong with the fields.
 * @throws BelfryError `invalid_input` with `fieldErrors`.
 */
export function parseInput<T>(
  schema: z.ZodType<T>,
  input: unknown,
  wording: Whole,
  options?: InputOptions,
): T {
  const parsed = schema.safeParse(input, OWN_MESSAGES);
  if (parsed.success) return parsed.data;
  throw invalidInput(parsed.error, wording, options);
}

type Whole = Wording | ((fields: number) => Wording) | null;

export interface InputOptions {
  /** Whose catalogue the keys are of. Default: Belfry's own. */
  toMessage?: Pick<ToMessage, 'text'> | undefined;
  /** The field that what was parsed stands in. Default: it is all that was given. */
  within?: string | undefined;
}

/** What zod found, as an error that a form and a program can both use. See `parseInput`. */
export function invalidInput(
  error: z.core.$ZodError,
  wording: Whole,
  { toMessage, within }: InputOptions = {},
): BelfryError {
  // A map: a field may have the name of something that every object has.
  const fieldErrors = new Map<string, Wording[]>();
  for (const found of error.issues) {
    const issue = within === undefined ? found : { ...found, path: [within, ...found.path] };
    const field = fieldOf(issue);
    fieldErrors.set(field, [...(fieldErrors.get(field) ?? []), wordingOf(issue, toMessage)]);
  }
  const whole = typeof wording === 'function' ? wording(fieldErrors.size) : wording;
  return new BelfryError('invalid_input', whole ?? together([...fieldErrors.values()].flat()), {
    fieldErrors: Object.fromEntries(fieldErrors),
  });
}

/** A refusal of one field, by one sentence. */
export function badField(field: string, wording: Wording): BelfryError {
  return new BelfryError('invalid_input', wording, { fieldErrors: { [field]: [wording] } });
}

/** Several sentences are told in English: where they are one message, a command line shows it. */
function together(all: Wording[]): Wording {
  const [first = '', ...others] = all;
  return others.length === 0 ? first : all.map((one) => translateWording(one)).join(' ');
}

/** What zod found in one place. */
export function wordingOf(issue: z.core.$ZodIssue, { text }: Pick<ToMessage, 'text'> = toMessage): Wording {
  return text(issue.message, valuesOf(issue));
}

function fieldOf({ path }: z.core.$ZodIssue): string {
  return path.map(String).join('.') || 'body';
}

function valuesOf(issue: z.core.$ZodIssue): Record<string, Value> {
  const params = issue.code === 'custom' ? issue.params : {};
  const values = new Map<string, Value>([['field', fieldOf(issue)]]);
  for (const [name, value] of Object.entries({ ...issue, ...params })) {
    if (Array.isArray(value)) values.set(name, value.join(', '));
    else if (typeof value === 'bigint') values.set(name, Number(value));
    else if (['string', 'number'].includes(typeof value)) values.set(name, value as Value);
  }
  return Object.fromEntries(values);
}

/** For zod: what is said where a schema has no message of its own. */
export const OWN_MESSAGES = { error: messageFor };

function messageFor({ code, input }: z.core.$ZodRawIssue): MessageKey {
  if (input === undefined && (code === 'invalid_type' || code === 'invalid_value'))
    return 'server.belfry.field.missing';
  return MESSAGES[code] ?? 'server.belfry.field.unusable';
}

const MESSAGES: Partial<Record<z.core.$ZodIssueCode, MessageKey>> = {
  invalid_type: 'server.belfry.field.type',
  invalid_value: 'server.belfry.field.values',
  invalid_format: 'server.belfry.field.format',
  too_big: 'server.belfry.field.too-big',
  too_small: 'server.belfry.field.too-small',
  unrecognized_keys: 'server.belfry.field.unknown',
};
