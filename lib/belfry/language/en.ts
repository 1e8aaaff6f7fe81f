/**
 * Belfry's own words, in English. What begins with `server.` never goes to a browser. ICU MessageFormat: a brace or an
 * apostrophe of the text itself stands in apostrophes.
 */
export const en = {
  'belfry.bell.label': 'Notifications, {unread, plural, =0 {none unread} other {# unread}}',
  'server.belfry.cannot-undo': 'This cannot be undone any more: reload to see how things stand.',
} as const;

/** What another language has to say. */
export type Words<Of extends Readonly<Record<string, string>> = typeof en> = Readonly<
  Record<keyof Of, string>
>;
