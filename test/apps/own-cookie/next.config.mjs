/** @type {import('next').NextConfig} */
const nextConfig = {
  basePath: '/shop',
};

export default nextConfig;
