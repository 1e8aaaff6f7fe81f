/** Why no connection to PostgreSQL comes about, and what to do: a sentence for whoever starts the server. */

interface Refusal {
  /** What the driver, the system or the server calls it: a code, or where there is none a part of its words. */
  known: RegExp;
  /** What is wrong; without it the words that came stand for it. */
  reason?: string;
  /** How to go on. */
  advice: string;
}

// Codes of Node's TLS (https://nodejs.org/api/tls.html#x509-certificate-error-codes), of the system, and of PostgreSQL
// (https://www.postgresql.org/docs/current/errcodes-appendix.html). The first that fits holds.
const REFUSALS: readonly Refusal[] = [
  {
    known: /^CERT_HAS_EXPIRED$/,
    reason: "the server's certificate has expired",
    advice: 'Renew it on the server.',
  },
  {
    known: /^CERT_NOT_YET_VALID$/,
    reason: "the server's certificate is not valid yet",
    advice: 'Set the clocks of both machines.',
  },
  {
    known: /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    reason: "the server's certificate is for another host name",
    advice:
      'Write the name that stands in the certificate into DATABASE_URL, or check only who signed it, with sslmode=verify-ca and sslrootcert=….',
  },
  {
    known: /^(DEPTH_ZERO_)?SELF_SIGNED_CERT|^UNABLE_TO_(GET_ISSUER_CERT|VERIFY_LEAF_SIGNATURE)/,
    reason: "the server's certificate is signed by an authority that is not known here",
    advice: "Name the authority's certificate in DATABASE_URL: sslrootcert=/path/to/ca.crt.",
  },
  {
    known: /does not support SSL/,
    reason: 'the server does not support SSL',
    advice:
      'Turn it on there (ssl = on), or leave sslmode out of DATABASE_URL: then it is used if it is there.',
  },
  {
    known: /^(ERR_SSL|ERR_OSSL|EPROTO|CERT_|ERR_TLS)/,
    advice: 'Check the certificates of the server, and sslrootcert, sslcert and sslkey in DATABASE_URL.',
  },
  {
    known: /^(ENOTFOUND|EAI_AGAIN)$/,
    reason: 'the name of its host is not known',
    advice: 'Check the host in DATABASE_URL.',
  },
  {
    known: /^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|ENOENT)$|^timeout expired$|connection timeout/,
    advice: 'Check that the server runs, and the host and port in DATABASE_URL.',
  },
  {
    known: /^28P01$/,
    reason: 'the password is wrong',
    advice: 'Put the right one into DATABASE_URL, special characters as %XX.',
  },
  {
    known: /^28000$/,
    advice:
      'Let the name in DATABASE_URL in, in pg_hba.conf on the server; where it says "SSL off", with sslmode=require.',
  },
  {
    known: /must be a string$/,
    reason: 'it asks for a password, and DATABASE_URL has none',
    advice: 'Put it there, special characters as %XX.',
  },
  {
    known: /^3D000$/,
    advice: "Make it, CREATE DATABASE … ENCODING 'UTF8', or name another one in DATABASE_URL.",
  },
  {
    known: /^53300$/,
    advice: 'Raise max_connections on the server, or put PgBouncer before it; each instance takes up to ten.',
  },
  { known: /^57P0/, advice: 'Start again in a moment.' },
  {
    known: /unsupported startup parameter/,
    reason: 'PgBouncer does not take our limits on time',
    advice:
      'Set ignore_startup_parameters = lock_timeout,statement_timeout in pgbouncer.ini, and give the role these limits itself; see docs/operations.md.',
  },
];

const OTHERWISE =
  'Check that the server runs, that the database exists, and that the name and password in DATABASE_URL may use it.';

/** What went wrong, and how to go on. Holds no password: none of those who say it know of one. */
export function explainRefusal(cause: unknown): { reason: string; advice: string } {
  const { code, message } = cause as { code?: unknown; message?: unknown };
  const words = [code, message].filter((one): one is string => typeof one === 'string' && one !== '');
  const found = REFUSALS.find(({ known }) => words.some((one) => known.test(one)));
  const told = words.at(-1) ?? (cause as object)?.constructor?.name ?? String(cause);
  return { reason: found?.reason ?? told, advice: found?.advice ?? OTHERWISE };
}
