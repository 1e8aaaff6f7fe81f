import { nothingElse } from '@/lib/http.ts';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = nothingElse();
