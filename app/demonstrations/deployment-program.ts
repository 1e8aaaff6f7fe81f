import { ask } from '@/lib/belfry.ts';
import { DeploymentQuestion, tellOfDeployment } from './deployment.ts';

const VERSION = '4.2';
const ANSWER_SECONDS = 120;

/** The program of the demonstration: asks, waits, and tells what came of it. @throws BelfryError `shutting_down`. */
export async function deploy({ userId, key }: { userId: string; key: string }): Promise<void> {
  const answer = await ask(DeploymentQuestion, {
    to: { user: userId },
    payload: { version: VERSION },
    key,
    timeout: ANSWER_SECONDS,
  });
  const outcome = answer === null ? 'unanswered' : answer.action === 'deploy' ? 'deploy' : 'wait';
  await tellOfDeployment({ userId, version: VERSION, key, outcome });
}
