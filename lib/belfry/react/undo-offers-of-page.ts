import { createUndoOffers } from './undo-offers.ts';

/** What can be taken back on this page, wherever on it it was done. */
export const undoOffers = /* @__PURE__ */ createUndoOffers();
