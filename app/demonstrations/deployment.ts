import { defineNotification, defineQuestion } from 'belfry';
import { z } from 'zod';
import { notify } from '@/lib/belfry.ts';

const WEEK_SECONDS = 7 * 24 * 60 * 60;

const ended = z.enum(['deploy', 'wait', 'unanswered']);
type Ended = z.infer<typeof ended>;

/** What the program of the demonstration asks before it goes on. */
export const DeploymentQuestion = defineQuestion({
  name: 'DeploymentQuestion',
  payload: z.object({ version: z.string() }),
  category: 'deployments',
  priority: 'HIGH',
  messages: {
    en: {
      title: 'Deploy {version} to production?',
      message: 'All checks have passed. The program waits for your answer, two minutes at most.',
      deploy: 'Deploy',
      wait: 'Not now',
    },
    'zh-TW': {
      title: '要把 {version} 部署到正式環境嗎？',
      message: '所有檢查都通過了。程式正在等你回答，最多等兩分鐘。',
      deploy: '部署',
      wait: '先不要',
    },
  },
  render: ({ payload, t }) => ({ title: t('title', payload), message: t('message') }),
  actions: { deploy: { label: 'deploy' }, wait: { label: 'wait' } },
  // The program waits itself, unless its server was restarted meanwhile.
  onAnswer: ({ answer, payload: { version }, key }) =>
    tellOfDeployment({
      userId: answer.by,
      version,
      key: key ?? version,
      outcome: ended.catch('wait').parse(answer.action),
    }),
});

/** What the program did then. */
export const DeploymentEnded = defineNotification({
  name: 'DeploymentEnded',
  payload: z.object({ version: z.string(), outcome: ended }),
  category: 'deployments',
  expiresIn: WEEK_SECONDS,
  messages: {
    en: {
      deploy: '{version} is in production',
      'deploy-text':
        'You said so, and the program went on. Nothing was really deployed: this is a demonstration.',
      wait: '{version} was not deployed',
      'wait-text': 'You said that it has to wait, and the program has stopped.',
      unanswered: '{version} was not deployed',
      'unanswered-text': 'Nobody answered within two minutes, and the program has stopped.',
    },
    'zh-TW': {
      deploy: '{version} 已經上線',
      'deploy-text': '你同意了，程式就繼續執行。其實什麼都沒有部署：這只是示範。',
      wait: '{version} 沒有部署',
      'wait-text': '你說先不要，程式就停止了。',
      unanswered: '{version} 沒有部署',
      'unanswered-text': '兩分鐘內沒有人回答，程式就停止了。',
    },
  },
  render: ({ payload: { version, outcome }, t }) => ({
    title: t(outcome, { version }),
    message: t(`${outcome}-text`),
  }),
});

/** Tells how it ended, once for each question, whoever of several tells it. */
export async function tellOfDeployment({
  userId,
  version,
  key,
  outcome,
}: {
  userId: string;
  version: string;
  /** Of the question. */
  key: string;
  outcome: Ended;
}): Promise<void> {
  await notify(DeploymentEnded, {
    to: { user: userId },
    payload: { version, outcome },
    idempotencyKey: `deployment-ended:${key}`,
  });
}
