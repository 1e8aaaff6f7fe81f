/**
 * The app's own words, in English; Belfry's are in lib/belfry/language/en.ts. What begins with `server.` never goes to a
 * browser.
 */
export const en = {
  // Pages.
  'language.label': 'Language',

  // The server.
  'server.form.look-again': 'Some fields need another look.',
} as const;
