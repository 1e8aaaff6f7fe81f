/** `belfry/next`: Belfry inside an app of Next's. */
export { type NextRoutesOptions, notificationRoutes, streamRoutes } from './routes.ts';
