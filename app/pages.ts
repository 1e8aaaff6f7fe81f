/** The pages of this app. What is not listed is no page: a link there is left to the browser. */
export const pages = [
  '/',
  '/admin',
  '/inbox',
  '/settings/account',
  '/settings/appearance',
  '/settings/notifications',
  '/sign-in',
];
