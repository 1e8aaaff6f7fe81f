import { requireAdminOrToken } from '@/lib/auth/admin-or-token.ts';
import { route } from '@/lib/http/route.ts';
import { metrics } from '@/lib/telemetry/metrics.ts';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route({ GET: readMetrics });

async function readMetrics(request: Request): Promise<Response> {
  await requireAdminOrToken(request, 'metrics');
  const text = await metrics.registry.metrics();
  return new Response(text, {
    headers: { 'Content-Type': metrics.registry.contentType, 'Cache-Control': 'private, no-store' },
  });
}
