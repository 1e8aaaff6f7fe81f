import { createToastStack } from '@/lib/belfry/client/toast-stack.ts';

/** The toasts of this page. */
export const toastStack = createToastStack();
