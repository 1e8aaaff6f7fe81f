import { refusalOf } from '@/components/refused-action.ts';
import { isFromOtherVersion } from '@/components/site-version.ts';
import type { useT } from '@/components/use-t.ts';
import type { FormState } from '@/lib/http/form-action.ts';

/** What a form shows when its action was refused as a whole, or no answer came. */
export async function whyItFailed(error: unknown, t: ReturnType<typeof useT>): Promise<FormState> {
  const message =
    refusalOf(error) ?? t((await isFromOtherVersion(error)) ? 'belfry.version.reload' : 'error.unreachable');
  return { ok: false, message, fieldErrors: {} };
}
