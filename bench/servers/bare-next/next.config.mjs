import { fileURLToPath } from 'node:url';

/** @type {import('next').NextConfig} */
export default {
  poweredByHeader: false,
  // The packages are those of the app around it.
  turbopack: { root: fileURLToPath(new URL('../../..', import.meta.url)) },
};
