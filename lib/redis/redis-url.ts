/** What a `REDIS_URL` says. */

/** A master that Redis Sentinel watches over, under its name there. */
export interface SentinelAddress {
  masterName: string;
  sentinels: { host: string; port: number }[];
  isEncrypted: boolean;
  /** Of the servers that it watches over; the sentinels themselves are asked without. */
  username?: string;
  password?: string;
}

const SENTINEL =
  /^(?<scheme>rediss?)\+sentinel:\/\/(?:(?<who>[^@/]*)@)?(?<hosts>[^@/?#]+)\/(?<name>[^/?#]+)$/;
const HOST = /^(?<host>\[[\da-f:.]+\]|[^:[\]]+)(?::(?<port>\d{1,5}))?$/i;
const SENTINEL_PORT = 26_379;

/** True for an address of sentinels, whether it can be used or not. */
export function isSentinelUrl(url: string): boolean {
  return /^rediss?\+sentinel:/.test(url);
}

/** Reads `redis+sentinel://user:password@host:26379,host:26379/master-name`; null when it is none. */
export function parseSentinelUrl(url: string): SentinelAddress | null {
  const { scheme, who, hosts = '', name } = SENTINEL.exec(url)?.groups ?? {};
  const sentinels = hosts.split(',').map((one) => HOST.exec(one)?.groups);
  if (!name || sentinels.some((one) => one === undefined)) return null;
  const [username, password] = (who ?? '').split(/:(.*)/s).map(decoded);
  if (username === null || password === null) return null;
  return {
    masterName: name,
    isEncrypted: scheme === 'rediss',
    sentinels: sentinels.map((one) => ({
      host: (one?.host ?? '').replace(/^\[(.*)\]$/, '$1'),
      port: Number(one?.port ?? SENTINEL_PORT),
    })),
    ...(username ? { username } : {}),
    ...(password ? { password } : {}),
  };
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
