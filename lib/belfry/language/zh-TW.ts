/** Belfry's own words, in Traditional Chinese. */
import type { Words } from './en.ts';

export const zhTW = {
  'belfry.bell.label': '通知，{unread, plural, =0 {沒有未讀} other {# 則未讀}}',
  'server.belfry.cannot-undo': '這個動作已經無法復原：請重新載入頁面，看看目前的狀態。',
} as const satisfies Words;
