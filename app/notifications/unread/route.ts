import { changeRoute } from '@/lib/http/change-route.ts';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = changeRoute('unread');
