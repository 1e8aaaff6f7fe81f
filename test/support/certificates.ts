/** Certificates of one's own, made with openssl in a folder that goes away. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificate {
  /** Paths of the files, and what is in them. */
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly certificate: string;
  readonly key: string;
}

/** An authority that nobody knows. */
export interface Authority extends Certificate {
  /** Signs a certificate for a name, which is that of a host or of a user. */
  issue: (name: string, options?: { days?: number }) => Certificate;
  remove: () => void;
}

export function makeAuthority(): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'belfry-certificates-'));
  let made = 0;
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const read = (name: string): Certificate => {
    const [certificateFile, keyFile] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)];
    return {
      certificateFile,
      keyFile,
      certificate: readFileSync(certificateFile, 'utf8'),
      key: readFileSync(keyFile, 'utf8'),
    };
  };
  openssl(
    'req',
    '-x509',
    ...newKey,
    '-keyout',
    'ca.key',
    '-out',
    'ca.crt',
    '-days',
    '30',
    '-subj',
    '/CN=Test',
  );
  return {
    ...read('ca'),
    issue: (name, { days = 30 } = {}) => {
      made += 1;
      const file = `${made}`;
      const names = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
      openssl('req', ...newKey, '-keyout', `${file}.key`, '-out', `${file}.csr`, ...names);
      const signer = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-copy_extensions', 'copy'];
      openssl('x509', '-req', '-in', `${file}.csr`, '-out', `${file}.crt`, '-days', String(days), ...signer);
      return read(file);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
