import { defineProgress } from 'belfry';
import { z } from 'zod';

export const STEPS = ['gathering', 'checking', 'drawing', 'writing', 'binding'] as const;
const stepSchema = z.enum(STEPS);

/** The report of the demonstration: how far it is, and that it is ready. What is noted is the step. */
export const ReportBuilt = defineProgress({
  name: 'ReportBuilt',
  payload: z.object({}),
  expiresIn: 7 * 24 * 60 * 60,
  messages: {
    en: {
      building: 'Building your report',
      gathering: 'Gathering the figures',
      checking: 'Checking them twice',
      drawing: 'Drawing the charts',
      writing: 'Writing the summary',
      binding: 'Binding it all',
      ready: 'Your report is ready',
      'ready-text': 'All {steps} steps are done. Nothing was left out.',
      failed: 'Your report was not finished',
      'failed-text': 'Something went wrong on our side. Build it again.',
    },
    'zh-TW': {
      building: '正在製作你的報告',
      gathering: '正在收集數字',
      checking: '正在核對兩次',
      drawing: '正在繪製圖表',
      writing: '正在撰寫摘要',
      binding: '正在裝訂',
      ready: '你的報告已完成',
      'ready-text': '全部 {steps} 個步驟都完成了，沒有遺漏任何內容。',
      failed: '你的報告沒有完成',
      'failed-text': '我們這邊出了問題。請重新製作一次。',
    },
  },
  render({ progress, t }) {
    switch (progress.state) {
      case 'running': {
        const step = stepSchema.safeParse(progress.note).data;
        return { title: t('building'), message: step ? t(step) : '' };
      }
      case 'done':
        return { title: t('ready'), message: t('ready-text', { steps: STEPS.length }) };
      default:
        return { title: t('failed'), message: t('failed-text') };
    }
  },
});
