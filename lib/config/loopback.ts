/** Whether a host, as it stands in an address, is this machine and no other can reach it. */
export function isLoopbackHost(host: string): boolean {
  return ['127.0.0.1', 'localhost', '::1', '[::1]'].includes(host);
}
