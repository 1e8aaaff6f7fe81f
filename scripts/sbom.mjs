// `npm run sbom`: writes what Belfry is made of into the folder sbom: a bill of materials (CycloneDX) for
// programs, and a list of licences for people.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './command.mjs';
import { npm } from './install.mjs';
import { isLicenceTaken, readLicences } from './licences.mjs';
import { putBackLeftovers } from './pack-in-place.mjs';
import { Problem, say, tell } from './terminal.mjs';

const FOLDER = 'sbom';

await tell(async () => {
  putBackLeftovers();
  const { code, output } = await npm([
    'sbom',
    '--package-lock-only',
    '--sbom-format=cyclonedx',
    '--sbom-type=application',
  ]);
  if (code !== 0)
    throw new Problem('npm could not make the bill of materials; it says why above.', { output });
  const bill = JSON.parse(output);
  // npm takes the name of the folder.
  bill.metadata.component.name = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).name;

  const licences = readLicences();
  mkdirSync(join(ROOT, FOLDER), { recursive: true });
  write('belfry.cdx.json', `${JSON.stringify(bill, null, 2)}\n`);
  write(
    'licences.txt',
    licences.map(({ name, version, licence }) => `${name}@${version}\t${licence}\n`).join(''),
  );

  const refused = licences.filter((one) => !isLicenceTaken(one));
  if (refused.length === 0) return;
  throw new Problem(
    `These have a licence that nobody has looked at yet: ${refused.map(({ name, licence }) => `${name} (${licence})`).join(', ')}. ` +
      'Replace them, or add them to scripts/licences.mjs with a reason.',
  );
});

function write(name, text) {
  writeFileSync(join(ROOT, FOLDER, name), text);
  say(`Wrote ${FOLDER}/${name}.`);
}
