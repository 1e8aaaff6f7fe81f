import { isFromOtherVersion, NEW_VERSION } from '@/components/site-version.ts';
import type { FormState } from '@/lib/form-action.ts';

/** What a form shows when no answer came. */
export async function whyItFailed(error: unknown): Promise<FormState> {
  const message = (await isFromOtherVersion(error))
    ? NEW_VERSION
    : 'The server could not be reached. Check your connection, then try again.';
  return { ok: false, message, fieldErrors: {} };
}
