/** Whether a request was made by a page of this app: see lib/belfry/http/origin.ts. */
import * as origins from '../belfry/http/origin.ts';
import { env } from '../config/env.ts';

/** @throws BelfryError `wrong_origin` */
export function requireSameOrigin(headers: Pick<Headers, 'get'>): void {
  origins.requireSameOrigin(headers, env.authUrl);
}

/** @throws BelfryError `wrong_origin` */
export function refuseOtherOrigin(headers: Pick<Headers, 'get'>): void {
  origins.refuseOtherOrigin(headers, env.authUrl);
}
