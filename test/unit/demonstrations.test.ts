/** The programs behind the demonstrations of the first page. */
import { answers, sent } from 'belfry/testing';
import { beforeEach, expect, test, vi } from 'vitest';
import { DeploymentQuestion } from '../../app/demonstrations/deployment.ts';
import { deploy } from '../../app/demonstrations/deployment-program.ts';

vi.mock('@/lib/belfry.ts', async () => (await import('belfry/testing')).fakeBelfry());
beforeEach(() => {
  sent.length = 0;
  answers.length = 0;
});

const asking = { userId: '2', key: 'deployment:1' };
const toldOf = () => sent.filter(({ type }) => type === 'DeploymentEnded').map(({ payload }) => payload);

test.each([
  ['deploy', 'deploy'],
  ['wait', 'wait'],
])('a program that asked and was told to %s says so to whoever answered', async (action, outcome) => {
  answers.push({ action, by: '2' });
  await deploy(asking);
  expect(toldOf()).toEqual([{ version: '4.2', outcome }]);
});

test('a program that nobody answers in time stops, and says so', async () => {
  await deploy(asking);
  expect(toldOf()).toEqual([{ version: '4.2', outcome: 'unanswered' }]);
});

test('an answer that came when the program was gone is told of as well', async () => {
  const answer = { action: 'deploy', by: '2', at: new Date(), input: undefined };
  await DeploymentQuestion.onAnswer?.({ answer, payload: { version: '4.2' }, key: asking.key });
  expect(toldOf()).toEqual([{ version: '4.2', outcome: 'deploy' }]);
});
