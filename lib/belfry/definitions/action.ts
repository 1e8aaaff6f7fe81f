/** What may be done with a notification: a button that leads somewhere, or that does something on the server. */
import type { z } from 'zod';
import type { AppTransaction } from '../register.ts';

/** What an action is told of who took it, and of what. */
export interface ActionContext<Payload, Input> {
  /** Whoever pressed. */
  user: { /** The app's own id. */ id: string };
  /** The notification that it belongs to. */
  notification: { id: number };
  payload: Payload;
  /** What they filled in, as the schema gives it back. */
  input: Input;
  /**
   * The app's own transaction, as the library behind the database's port hands it out: what is done in it commits together with
   * the fact that the action was taken. `notify` takes it as well.
   */
  tx: AppTransaction;
}

/** One action of a definition. */
export interface Action<Payload, Input, Key extends string> {
  /** The message on the button. */
  label: Key;
  /** The message that is asked first, where it cannot be taken back. Default: nothing is asked. */
  confirm?: Key;
  /** What is filled in before it is taken. Default: nothing. */
  input?: {
    label: Key;
    schema: z.ZodType<Input>;
    /** Whether there is room for several lines. Default: one. */
    multiline?: boolean;
  };
  /** Where it leads: a path of this site or an http(s) address. Such an action does nothing on the server. */
  link?(payload: Payload): string;
  /**
   * What it does. It runs once, however often and on however many devices it is pressed, and what it throws leaves everything as it
   * was: a `BelfryError` says why to the person. It runs within a transaction: what reaches outside is for a job. Default: that it
   * was taken is all.
   */
  run?(context: ActionContext<Payload, Input>): Promise<void> | void;
}

/** All actions of a definition, by name. */
export type Actions<Payload, Inputs, Key extends string> = {
  readonly [Name in keyof Inputs]: Action<Payload, Inputs[Name], Key>;
};

/** An action, whatever it is of. */
export type ActionType = Action<unknown, unknown, string>;

const NAME = /^[a-z][A-Za-z0-9_-]{0,63}$/;
/** More buttons than these nobody reads. */
export const MOST_ACTIONS = 10;

/** @throws TypeError that names the definition and the action. */
export function assertActions(of: string, actions: Readonly<Record<string, ActionType>>): void {
  const all = Object.entries(actions);
  if (all.length > MOST_ACTIONS) {
    throw new TypeError(`${of} has ${all.length} actions: ${MOST_ACTIONS} are the most that anybody reads.`);
  }
  for (const [name, { label, link, run, input }] of all) {
    if (!NAME.test(name)) {
      throw new TypeError(
        `${of} cannot have an action "${name}": use letters, digits, _ and -, starting with a small letter, 64 at most.`,
      );
    }
    if (!label) throw new TypeError(`The action "${name}" of ${of} has no label.`);
    if (link && (run || input)) {
      throw new TypeError(`The action "${name}" of ${of} leads somewhere, so it cannot do anything as well.`);
    }
  }
}

/** Whether a text can name an action. */
export function isActionName(name: string): boolean {
  return NAME.test(name);
}
