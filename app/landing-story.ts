/** What the picture of the first page shows, one step after the other, and then from the beginning. */

export interface Row {
  name: 'import' | 'invoice' | 'comment' | 'question' | 'deployed';
  /** It reads otherwise by now: it was joined by others, or has been answered. */
  as?: 'comments' | 'answered';
  isRead?: boolean;
}

export interface Step {
  rows: readonly Row[];
  toast: 'question' | 'deployed' | 'comments' | null;
  unread: number;
  /** Something has just arrived. */
  rings: boolean;
  lastsMs: number;
}

const IMPORT: Row = { name: 'import', isRead: true };
const INVOICE: Row = { name: 'invoice', isRead: true };
const COMMENT: Row = { name: 'comment' };
const COMMENTS: Row = { name: 'comment', as: 'comments' };
const QUESTION: Row = { name: 'question' };
const ANSWERED: Row = { name: 'question', as: 'answered', isRead: true };
const DEPLOYED: Row = { name: 'deployed' };

export const FIRST_STEP: Step = {
  rows: [COMMENT, INVOICE, IMPORT],
  toast: null,
  unread: 1,
  rings: false,
  lastsMs: 2_000,
};

export const STEPS: readonly Step[] = [
  FIRST_STEP,
  { rows: [QUESTION, COMMENT, INVOICE, IMPORT], toast: 'question', unread: 2, rings: true, lastsMs: 4_000 },
  { rows: [ANSWERED, COMMENT, INVOICE, IMPORT], toast: null, unread: 1, rings: false, lastsMs: 2_500 },
  { rows: [DEPLOYED, ANSWERED, COMMENT, INVOICE], toast: 'deployed', unread: 2, rings: true, lastsMs: 3_500 },
  {
    rows: [COMMENTS, DEPLOYED, ANSWERED, INVOICE],
    toast: 'comments',
    unread: 5,
    rings: true,
    lastsMs: 3_500,
  },
  {
    rows: [{ ...COMMENTS, isRead: true }, { ...DEPLOYED, isRead: true }, ANSWERED, INVOICE],
    toast: null,
    unread: 0,
    rings: false,
    lastsMs: 2_000,
  },
];

/** The one that says most: what there is for whoever wants nothing to move, and before scripts run. */
export const STILL_STEP = 1;
