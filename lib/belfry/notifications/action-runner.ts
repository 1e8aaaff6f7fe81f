/**
 * Runs the actions of notifications. What an action does commits together with the fact that it was taken: so it happens once,
 * however often and wherever it is pressed, and whoever is killed in the midst of it has done nothing.
 */
import type { NotificationType } from '../definitions/notification-type.ts';
import { isQuestionType } from '../definitions/question-type.ts';
import type { EventTypeRegistry } from '../definitions/registry.ts';
import type { Inbox } from '../inbox/inbox.ts';
import type { Item } from '../inbox/item.ts';
import type { JobQueue } from '../jobs/job-queue.ts';
import { ANSWERED } from '../jobs/own-kinds.ts';
import { toMessage } from '../language/message.ts';
import { BelfryError } from '../protocol/errors.ts';
import { isExpired } from '../protocol/event.ts';
import type { ChangedInboxes } from '../questions/asking.ts';
import type { Answered, Questions } from '../questions/questions.ts';
import type { SqlDatabase, SqlRunner } from '../storage/database.ts';

/** An action that somebody takes. */
export interface Taking {
  /** The recipient's number. */
  userId: number;
  /** The app's own id of the same user. */
  user: string;
  id: number;
  action: string;
  input: unknown;
}

export interface ActionRunnerOptions {
  database: SqlDatabase;
  eventTypes: EventTypeRegistry;
  inbox: Inbox;
  questions: Questions;
  jobs: Pick<JobQueue, 'enqueue'>;
  now: () => Date;
}

// Whoever waits takes an answer sooner than this, on whichever instance.
const NOBODY_WAITS_MS = 3_000;
const TAKEN_BEFORE: ChangedInboxes = { changed: [], questionId: null };

/** See the file's head. */
export class ActionRunner {
  readonly #options: ActionRunnerOptions;

  constructor(options: ActionRunnerOptions) {
    this.#options = options;
  }

  /**
   * Takes an action. The same action of the same person again changes nothing.
   *
   * @throws BelfryError `not_found` for what is none of theirs, `invalid_input` for what it does not offer, `already_answered` when
   * another action was taken or somebody else was first, `expired`, and whatever the action itself refuses.
   */
  async take(taking: Taking): Promise<ChangedInboxes> {
    const { database, eventTypes, inbox, now } = this.#options;
    const item = await inbox.find({ userId: taking.userId, eventId: taking.id });
    if (item === null) throw new BelfryError('not_found', toMessage('server.belfry.not-yours'));
    const { type, payload, input, run } = eventTypes.toTake(item, taking.action, taking.input);
    const prepared = { ...taking, input, item, type, at: now() };
    if (!run) return database.transaction((tx) => this.#note(tx, prepared));
    return database.appTransaction(async (tx, own) => {
      const taken = await this.#note(tx, prepared);
      if (taken === TAKEN_BEFORE) return taken;
      const context = {
        user: { id: taking.user },
        notification: { id: item.id },
        payload,
        input,
        // What the compiler knows of it is the app's to say.
        tx: own as never,
      };
      await run(context);
      return taken;
    });
  }

  /** In this order, so that of two who press at once one waits for the other. */
  async #note(tx: SqlRunner, taking: Prepared): Promise<ChangedInboxes> {
    const { inbox, questions, jobs } = this.#options;
    const { userId, id, action, item, at } = taking;
    const questionId = item.questionId ?? null;
    if (questionId === null) {
      if (isExpired(item, at)) throw new BelfryError('expired', toMessage('server.belfry.over'));
      const change = await inbox.act(tx, { userId, eventId: id, action });
      if (change) return { changed: [{ userId, change }], questionId };
      // It may have been taken since it was read.
      return this.#takenBefore(await inbox.find({ userId, eventId: id }, tx), action);
    }
    const answered: Answered = { action, input: taking.input, by: taking.user, at };
    if (!(await questions.answer(tx, questionId, answered))) return this.#tooLate(tx, questionId, taking);
    const asked = await questions.eventsOf(questionId, tx);
    await inbox.lock(
      tx,
      asked.map((event) => event.userId),
    );
    const changed: ChangedInboxes['changed'] = [];
    for (const event of asked) {
      const named = { userId: event.userId, eventId: event.id };
      const change =
        event.id === id ? await inbox.act(tx, { ...named, action }) : await inbox.touch(tx, named);
      if (change) changed.push({ userId: event.userId, change });
    }
    if (isQuestionType(taking.type) && taking.type.onAnswer) {
      const dueAt = new Date(at.getTime() + NOBODY_WAITS_MS);
      await jobs.enqueue(
        { kind: ANSWERED, payload: { questionId }, dueAt, uniqueKey: `${ANSWERED} ${questionId}` },
        { tx },
      );
    }
    return { changed, questionId };
  }

  #takenBefore(item: Item | null, action: string): ChangedInboxes {
    if (item?.actedWith === action) return TAKEN_BEFORE;
    throw new BelfryError('already_answered', toMessage('server.belfry.decided-otherwise'), {
      answer: item?.actedWith ? { action: item.actedWith, by: null, at: item.actedAt } : null,
    });
  }

  async #tooLate(tx: SqlRunner, questionId: string, { user, action }: Prepared): Promise<ChangedInboxes> {
    const [state] = await this.#options.questions.find([questionId], tx);
    const answer = state?.answer;
    if (!answer) throw new BelfryError('expired', toMessage('server.belfry.over'));
    if (answer.by === user && answer.action === action) return TAKEN_BEFORE;
    const sentence =
      answer.by === user
        ? toMessage('server.belfry.decided-otherwise')
        : toMessage('server.belfry.answered-by', { by: answer.by });
    throw new BelfryError('already_answered', sentence, { answer });
  }
}

interface Prepared extends Taking {
  item: Item;
  type: NotificationType;
  at: Date;
}
