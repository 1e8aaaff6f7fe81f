/** A server action that is guarded and parsed, so that the action itself only says what is done. */
import { headers } from 'next/headers';
import { unstable_rethrow } from 'next/navigation';
import type { z } from 'zod';
import { translateWording, type Wording } from '../belfry/language/message.ts';
import {
  BelfryError,
  errorBody,
  type FieldErrors,
  isBelfryError,
  parseInput,
} from '../belfry/protocol/errors.ts';
import { languages, toMessage } from '../language/languages.ts';
import { wishesOf } from '../language/wishes.ts';
import { requireSameOrigin } from './origin.ts';
import { toReadableError } from './refusals.ts';

/** What a form shows after it was sent; `null` before. For `useActionState`. */
export type FormState =
  | { ok: true; message: string }
  | { ok: false; message: string; fieldErrors: FieldErrors }
  | null;

export type FormAction = (state: FormState, form: FormData) => Promise<FormState>;

/**
 * Makes a server action. The request must come from this site, `guard` must let the person in, and the
 * fields must fit the schema, in this order; whatever is thrown becomes a sentence for the form, in
 * the language of whoever sent it.
 *
 * @param guard `requireUser` or `requireAdmin`: says who is asking, or throws.
 * @param work Gets the parsed fields and who is asking, and returns what is told of success.
 */
export function formAction<T, Person extends { id: number; language?: string | null }>(
  guard: () => Promise<Person>,
  schema: z.ZodType<T>,
  work: (fields: T, person: Person) => Promise<Wording>,
): FormAction {
  return async (_state, form) => {
    const asked = await headers();
    let person: Person | undefined;
    const translate = () => languages.translate(languages.readerOf(wishesOf(asked, person?.language)));
    try {
      requireSameOrigin(asked);
      person = await guard();
      // Whoever calls an action by hand can give it anything.
      if (!(form instanceof FormData)) throw new BelfryError('bad_request', toMessage('server.form.no-form'));
      const lookAgain = (count: number) => toMessage('server.form.look-again', { count });
      const fields = parseInput(schema, fieldsOf(form), lookAgain, { toMessage });
      return { ok: true, message: translateWording(await work(fields, person), translate()) };
    } catch (error) {
      // redirect() and notFound() work by throwing, and some of ours look the same to Next.
      if (!isBelfryError(error)) unstable_rethrow(error);
      const readable = toReadableError(error, { userId: person?.id }, 'action_failed');
      const { message, fieldErrors = {} } = errorBody(readable, translate()).error;
      return { ok: false, message, fieldErrors };
    }
  };
}

// An empty field of a form is one that was left out.
function fieldsOf(form: FormData): Record<string, FormDataEntryValue> {
  return Object.fromEntries([...form].filter(([name, value]) => !name.startsWith('$ACTION') && value !== ''));
}
