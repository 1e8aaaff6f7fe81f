import { createToastStack } from '../client/toast-stack.ts';

/** The toasts of this page: one stack, whoever shows them. */
export const toastStack = /* @__PURE__ */ createToastStack();
