/** A notification that waits for one answer: the first one that anybody of those who were asked gives. */
import { z } from 'zod';
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
export interface QuestionDefinition<Payload, Input, English extends Catalogue, Inputs>
  extends NotificationDefinition<Payload, Input, English, Inputs> {
  /** Buttons that the payload brings, beside the actions. */
  options?(payload: Payload): readonly Option[];
  /** Run as a job, at least once, when an answer comes and nobody waits for it. */
  onAnswer?(answered: { answer: Answer<Inputs>; payload: Payload; key: string | null }): Promise<void> | void;
}

// Only the compiler knows of it.
declare const INPUTS: unique symbol;

/** A question that can be asked: what `defineQuestion` makes. */
export interface QuestionType<Payload = unknown, Input = Payload, Inputs = Record<string, unknown>>
  extends NotificationType<Payload, Input> {
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
>(definition: QuestionDefinition<Payload, Input, English, Inputs>): QuestionType<Payload, Input, Inputs> {
  const type = checked(definition);
  if (Object.keys(type.actions).length === 0 && !definition.options) {
    throw new TypeError(`${type.name} asks, and has nothing to answer with: give it actions.`);
  }
  const led = Object.entries(type.actions).find(([, { link }]) => link);
  if (led)
    throw new TypeError(`The action "${led[0]}" of ${type.name} leads somewhere: that answers nothing.`);
  return Object.freeze({ ...type, isQuestion: true as const }) as QuestionType<Payload, Input, Inputs>;
}

export function isQuestionType(type: EventType): type is QuestionType {
  return 'isQuestion' in type;
}

const OPTION_NAME =
  'An option is named with letters, digits, _ and -, starting with a small letter, 64 at most.';
const OPTIONS = `Give 1 to ${MOST_ACTIONS} options.`;

const option = z.strictObject({
  name: z.string(OPTION_NAME).refine(isActionName, OPTION_NAME),
  label: lineOfText({
    max: 60,
    missing: 'Give each option a label.',
    tooLong: 'Keep the label of an option to 60 characters.',
  }),
});

/** The built-in question: what a program asks, with the buttons that it brings. */
export const Question = defineQuestion({
  name: 'Question',
  payload: z.object({
    title: lineOfText({
      max: 200,
      missing: 'Give the question a title.',
      tooLong: 'Keep the title to 200 characters.',
    }),
    message: blockOfText({
      max: 10_000,
      missing: 'Write a message.',
      tooLong: 'Keep the message to 10,000 characters.',
    }).optional(),
    options: z
      .array(option, OPTIONS)
      .min(1, OPTIONS)
      .max(MOST_ACTIONS, OPTIONS)
      .refine((options) => new Set(options.map(({ name }) => name)).size === options.length, {
        message: 'Give each option a name of its own.',
      }),
  }),
  category: 'questions',
  priority: 'HIGH',
  render: ({ payload }) => payload,
  options: ({ options }) => options,
});
