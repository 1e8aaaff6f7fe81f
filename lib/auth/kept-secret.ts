/** Secrets that are made once and kept in a file, which its owner alone may read. */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { BelfryError } from '../belfry/protocol/errors.ts';
import { closeToOthers } from '../config/private-file.ts';

// Shorter than any that we make: what is left of a damaged one.
const SHORTEST_SECRET = 16;

/** Where a secret is kept, and how its troubles are told. */
export interface KeptSecret {
  file: string;
  /** What it is, as a sentence begins. */
  what: string;
  /** What a new one means, as a sentence ends. */
  whenMadeAnew: string;
  /** What may be done without the file, as a sentence ends. */
  orElse: string;
}

/**
 * The secret in the file; the one that `make` gives when there is none. Any number of processes may call this
 * at once: all get the same.
 *
 * @throws BelfryError `bad_environment` when the file cannot be read or written, or is damaged.
 */
export function readOrMakeSecret(kept: KeptSecret, make: () => string): string {
  orRefuse(kept, () => closeToOthers(kept.file));
  const secret = readSecret(kept);
  if (secret !== null) return secret;
  orRefuse(kept, () => publishOnce(kept.file, make()));
  return readOrMakeSecret(kept, make);
}

/** The secret in the file, or null when there is none. Throws as `readOrMakeSecret` does. */
export function readSecret(kept: KeptSecret): string | null {
  const secret = orRefuse(kept, () => readIfThere(kept.file));
  if (secret !== null && secret.length < SHORTEST_SECRET) {
    throw new BelfryError(
      'bad_environment',
      `${kept.file} holds no usable secret. Delete it to have a new one made (${kept.whenMadeAnew}), or ${kept.orElse}.`,
    );
  }
  return secret;
}

function orRefuse<T>({ file, what, orElse }: KeptSecret, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new BelfryError(
      'bad_environment',
      `${what} cannot be kept in ${file} (${reason}). Make its folder writable, or ${orElse}.`,
      { cause },
    );
  }
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(/* turbopackIgnore: true */ file, 'utf8').trim();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

// Written in full under another name, then linked: the name appears with its content or not at all,
// and a link never replaces what another process put there first.
function publishOnce(file: string, secret: string): void {
  mkdirSync(/* turbopackIgnore: true */ dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}.${randomBytes(6).toString('hex')}`;
  const descriptor = openSync(/* turbopackIgnore: true */ draft, 'wx', 0o600);
  try {
    writeSync(descriptor, `${secret}\n`);
    fsyncSync(descriptor);
    linkSync(/* turbopackIgnore: true */ draft, file);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    closeSync(descriptor);
    rmSync(/* turbopackIgnore: true */ draft, { force: true });
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
