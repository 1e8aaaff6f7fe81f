/**
 * What was refused as it should be. Anybody can cause it, as often as they like: so it counts by its kind, in
 * `belfry_refusals_total`, and the log tells of each kind once a minute at most, in a short line.
 */
import type { Logger } from 'pino';
import { BelfryError, type ErrorCode } from '../belfry/protocol/errors.ts';
import { toBelfryError } from '../belfry/storage/database-errors.ts';
import { processSingleton } from '../config/process-singleton.ts';
import { toMessage } from '../language/languages.ts';
import { log } from '../telemetry/log.ts';
import { metrics } from '../telemetry/metrics.ts';
import { printable } from '../telemetry/printable.ts';

/** The kinds: our own codes, and what is refused without one. A closed list, as the label of a metric has to be. */
export type RefusalCode =
  | ErrorCode
  /** A form or a button of a page that is older or newer than the server, or of none. */
  | 'unknown_action'
  /** No request that React or Next would make. */
  | 'bad_action';

/** What a line says of the request, as far as that is known. */
export interface RefusedRequest {
  method?: string | undefined;
  path?: string | undefined;
  address?: string | undefined;
  userId?: number | undefined;
  /** The token that it came with, by its key. */
  sender?: string | undefined;
}

const TELL_EVERY_MS = 60_000;
// With all else a line stays below 300 bytes.
const LONGEST_PATH = 60;

/** Counts, and tells: of the first of a kind at once, and then after each minute how many more there were. */
export class RefusalLog {
  readonly #log: Pick<Logger, 'info'>;
  readonly #count: (code: RefusalCode) => void;
  /** Of each kind that was told of within the last minute: what has come since. */
  readonly #since = new Map<RefusalCode, { count: number; last: RefusedRequest }>();

  constructor({ log, count }: { log: Pick<Logger, 'info'>; count: (code: RefusalCode) => void }) {
    this.#log = log;
    this.#count = count;
  }

  /** Never throws, and takes next to nothing: those who are refused come in floods. */
  note(code: RefusalCode, request: RefusedRequest = {}): void {
    this.#count(code);
    const since = this.#since.get(code);
    if (since) {
      since.count += 1;
      since.last = request;
    } else this.#tell(code, 1, request);
  }

  #tell(code: RefusalCode, count: number, { path, method, ...rest }: RefusedRequest): void {
    this.#since.set(code, { count: 0, last: {} });
    setTimeout(() => this.#tellMore(code), TELL_EVERY_MS).unref();
    this.#log.info(
      {
        refused: code,
        count,
        ...rest,
        method: method && printable(method, 10),
        path: path && printable(path, LONGEST_PATH),
      },
      'refused',
    );
  }

  #tellMore(code: RefusalCode): void {
    const since = this.#since.get(code);
    this.#since.delete(code);
    if (since && since.count > 0) this.#tell(code, since.count, since.last);
  }
}

/** The app's own. */
export const refusals = processSingleton('refusals', () => new RefusalLog({ log, count: metrics.refused }));

/**
 * What whoever asked is told of an error: our own as they are, and everything else without its inside. A refusal
 * is counted; what somebody has to look at is a line of the log.
 *
 * @param defect The code in the log of what is none of our own errors.
 */
export function toReadableError(
  error: unknown,
  request: RefusedRequest,
  defect: 'internal_error' | 'action_failed',
): BelfryError {
  const known = toBelfryError(error);
  if (!known) {
    log.error({ err: error, code: defect, ...request }, 'a request failed by a defect');
    return new BelfryError('internal_error', toMessage('server.belfry.failed'));
  }
  // A server that stops refuses what comes meanwhile: it was told to.
  if (known.status >= 500 && known.code !== 'shutting_down') {
    log.warn({ err: error, code: known.code, ...request }, 'a request could not be answered');
  } else refusals.note(known.code, request);
  return known;
}
