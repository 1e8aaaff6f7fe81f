/** A long job, for tests. */
import { z } from 'zod';
import { defineProgress } from '../../lib/belfry/definitions/progress-type.ts';

export const ReportBuilt = defineProgress({
  name: 'ReportBuilt',
  payload: z.object({ month: z.string() }),
  result: z.object({ pages: z.number() }),
  category: 'reports',
  priority: 'HIGH',
  expiresIn: 600,
  messages: {
    en: {
      running: 'Building {month}',
      done: '{month} is ready',
      failed: '{month} failed',
      lost: '{month} is lost',
      pages: '{pages} pages',
    },
    'zh-TW': {
      running: '正在製作 {month}',
      done: '{month} 已完成',
      failed: '{month} 失敗了',
      lost: '{month} 沒有消息',
      pages: '{pages} 頁',
    },
  },
  render({ payload, progress, t }) {
    const title = t(progress.state, payload);
    switch (progress.state) {
      case 'running':
        return { title, message: progress.note ?? '' };
      case 'done':
        return { title, message: t('pages', progress.result) };
      case 'failed':
        return { title, message: progress.reason ?? '' };
      case 'lost':
        return { title };
    }
  },
});
