import { defineNotification } from 'belfry';
import { z } from 'zod';

const WEEK_SECONDS = 7 * 24 * 60 * 60;

/** Who comments in the demonstration, and what: the last of them is named first. */
export const COMMENTS = [
  { author: 'Cleo', comment: 'oak' },
  { author: 'Dan', comment: 'price' },
  { author: 'Eve', comment: 'photos' },
  { author: 'Ben', comment: 'monday' },
] as const;

/** A comment on a post. Those on one post are shown as one. */
export const PostCommented = defineNotification({
  name: 'PostCommented',
  payload: z.object({
    post: z.string(),
    author: z.string(),
    comment: z.enum(['oak', 'price', 'photos', 'monday']),
  }),
  category: 'comments',
  expiresIn: WEEK_SECONDS,
  group: ({ post }) => post,
  messages: {
    en: {
      title: '{author} commented on “New beams for the tower”',
      several:
        '{author} and {others, plural, one {# other} other {# others}} commented on “New beams for the tower”',
      oak: 'Is there enough oak left from the west door?',
      price: 'The offer is good until the end of the month.',
      photos: 'I have put the photos of the old beams into the folder.',
      monday: 'Then we begin on Monday.',
    },
    'zh-TW': {
      title: '{author} 在「鐘樓的新樑」留言',
      several: '{author} 和另外 {others, number} 人在「鐘樓的新樑」留言',
      oak: '西門剩下的橡木夠用嗎？',
      price: '報價在月底之前都有效。',
      photos: '舊樑的照片我放進資料夾了。',
      monday: '那我們星期一開工。',
    },
  },
  groupTitle: ({ payloads: [newest], count, t }) =>
    t('several', { author: newest.author, others: count - 1 }),
  render: ({ payload: { author, comment }, t }) => ({ title: t('title', { author }), message: t(comment) }),
});
