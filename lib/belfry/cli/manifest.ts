/** An app's package.json. */
import { BelfryError } from '../protocol/errors.ts';
import { readIfThere } from './app-files.ts';

/** The app's package.json, as far as it is read. */
export interface Manifest {
  /** The range of a package that the app names; undefined when it does not. */
  rangeOf(name: string): string | undefined;
}

/** @throws BelfryError `bad_environment` where there is none. */
export function readManifest(folder: string): Manifest {
  const text = readIfThere(folder, 'package.json');
  if (text === null)
    throw new BelfryError(
      'bad_environment',
      `There is no package.json in ${folder}: run this in the folder of a Next.js app.`,
    );
  const { dependencies = {}, devDependencies = {} } = JSON.parse(text) as Record<
    string,
    Record<string, string>
  >;
  return { rangeOf: (name) => dependencies[name] ?? devDependencies[name] };
}
