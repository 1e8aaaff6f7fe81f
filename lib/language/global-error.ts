/**
 * The words of the page that stands in for the whole document, in every language: when the layout fails, nobody can tell
 * that page in which one its reader reads. Plain texts, in a file of their own, since every page carries them.
 */
export const GLOBAL_ERROR = {
  en: {
    title: 'Belfry is not answering',
    heading: 'Belfry is not answering properly',
    text: 'Something failed on our side. Your notifications are safe in the database. Try again in a moment.',
    again: 'Try again',
  },
  'zh-TW': {
    title: 'Belfry 沒有回應',
    heading: 'Belfry 目前\u200b無法正常回應',
    text: '我們這邊出了問題，你的通知都還安全地保存在資料庫裡。請稍後再試一次。',
    again: '再試一次',
  },
} as const;

/** Of the languages above, the one that somebody reads. @param wishes BCP 47 tags, the first one first. */
export function languageOfError(wishes: readonly string[]): keyof typeof GLOBAL_ERROR {
  for (const wish of wishes) {
    if (/^zh-(Hant|TW|HK|MO)\b/i.test(wish)) return 'zh-TW';
    if (/^en\b/i.test(wish)) return 'en';
  }
  return 'en';
}
