/** A notification that waits for one answer: the first one that anybody of those who were asked gives. */
import { z } from 'zod';
import type { MessageKey } from '../language/message.ts';
import type { Catalogue } from '../language/translate.ts';
import { blockOfText, lineOfText } from '../protocol/text.ts';
import { isActionName, MOST_ACTIONS } from './action.ts';
import type { EventType } from './event-type.ts';
import { checked, type NotificationDefinition, type NotificationType } from './notification-type.ts';

/** What was answered: by which action, with what filled in, by whom, and when. */
export type Answer<Inputs = Record<string, unknown>> = {
  [Name in keyof Inputs & string]: {
    action: Name;
    input: Inputs[Name];
    /** The app's own id of the user. */
    by: string;
    at: Date;
  };
}[keyof Inputs & string];

/** A button that the payload itself brings. */
export interface Option {
  name: string;
  label: string;
}

/** What a definition of a question says. */
export interface QuestionDefinition<
  Payload,
  Input,
  English extends Catalogue,
  Inputs,
  Name extends string = string,
> extends NotificationDefinition<Payload, Input, English, Inputs, Name> {
  /** Buttons that the payload brings, beside the actions. */
  options?(payload: Payload): readonly Option[];
  /** Run as a job, at least once, when an answer comes and nobody waits for it. */
  onAnswer?(answered: { answer: Answer<Inputs>; payload: Payload; key: string | null }): Promise<void> | void;
}

// Only the compiler knows of it.
declare const INPUTS: unique symbol;

/** A question that can be asked: what `defineQuestion` makes. */
export interface QuestionType<
  Payload = unknown,
  Input = Payload,
  Inputs = Record<string, unknown>,
  Name extends string = string,
> extends NotificationType<Payload, Input, Name> {
  readonly isQuestion: true;
  readonly [INPUTS]?: Inputs;
  options?(payload: Payload): readonly Option[];
  onAnswer?(answered: { answer: Answer; payload: Payload; key: string | null }): Promise<void> | void;
}

/**
 * Defines a question: a notification whose actions are its answers. Defining registers nothing: list the result in
 * app/event-types.ts.
 *
 *     const answer = await ask(ApproveDeploy, { to: { users: ['7', '9'] }, payload: { version: '1.4.0' }, timeout: 3600 });
 *     if (answer?.action === 'approve') await deploy();
 *
 * @throws TypeError as `defineNotification` does, and when there is nothing to answer with.
 */
export function defineQuestion<
  Payload,
  Input = Payload,
  const English extends Catalogue = Catalogue,
  Inputs = Record<string, unknown>,
  const Name extends string = string,
>(
  definition: QuestionDefinition<Payload, Input, English, Inputs, Name>,
): QuestionType<Payload, Input, Inputs, Name> {
  const type = checked(definition);
  if (Object.keys(type.actions).length === 0 && !definition.options) {
    throw new TypeError(`${type.name} asks, and has nothing to answer with: give it actions.`);
  }
  const led = Object.entries(type.actions).find(([, { link }]) => link);
  if (led)
    throw new TypeError(`The action "${led[0]}" of ${type.name} leads somewhere: that answers nothing.`);
  return Object.freeze({ ...type, isQuestion: true as const }) as QuestionType<Payload, Input, Inputs, Name>;
}

export function isQuestionType(type: EventType): type is QuestionType {
  return 'isQuestion' in type;
}

const option = z.strictObject({
  name: z
    .string('server.belfry.option-name' satisfies MessageKey)
    .refine(isActionName, 'server.belfry.option-name' satisfies MessageKey),
  label: lineOfText({
    max: 60,
    missing: 'server.belfry.option-label-missing',
    tooLong: 'server.belfry.option-label-too-long',
  }),
});

const options = z
  .array(option)
  .refine((all) => all.length >= 1 && all.length <= MOST_ACTIONS, {
    message: 'server.belfry.options' satisfies MessageKey,
    params: { most: MOST_ACTIONS },
    abort: true,
  })
  .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, {
    message: 'server.belfry.options-alike' satisfies MessageKey,
  });

/** The built-in question: what a program asks, with the buttons that it brings. */
export const Question = defineQuestion({
  name: 'Question',
  payload: z.object({
    title: lineOfText({
      max: 200,
      missing: 'server.belfry.title-missing',
      tooLong: 'server.belfry.title-too-long',
    }),
    message: blockOfText({
      max: 10_000,
      missing: 'server.belfry.message-missing',
      tooLong: 'server.belfry.message-too-long',
    }).optional(),
    options,
  }),
  category: 'questions',
  priority: 'HIGH',
  render: ({ payload }) => payload,
  options: ({ options }) => options,
});
