import { refusalOf } from '@/components/refused-action.ts';
import { isFromOtherVersion, NEW_VERSION } from '@/components/site-version.ts';
import type { FormState } from '@/lib/http/form-action.ts';

/** What a form shows when its action was refused as a whole, or no answer came. */
export async function whyItFailed(error: unknown): Promise<FormState> {
  const refusal = refusalOf(error);
  if (refusal !== null) return { ok: false, message: refusal, fieldErrors: {} };
  const message = (await isFromOtherVersion(error))
    ? NEW_VERSION
    : 'The server could not be reached. Check your connection, then try again.';
  return { ok: false, message, fieldErrors: {} };
}
