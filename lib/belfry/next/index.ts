/** `belfry/next`: Belfry in an app of Next.js. */
export { currentLanguage } from './current-language.ts';
export { currentUserKey } from './current-user-key.ts';
export { type DefineOptions, defineBelfry } from './define-belfry.ts';
export { type NextRoutesOptions, notificationRoutes, streamRoutes } from './routes.ts';
export { withBelfry } from './with-belfry.ts';
