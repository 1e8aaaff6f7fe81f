/** How something is asked: stored with those whom it is asked of, waited for, and taken back. */
import { isQuestionType } from '../definitions/question-type.ts';
import type { EventTypeRegistry } from '../definitions/registry.ts';
import type { EventDraft, EventManager } from '../engine/event-manager.ts';
import type { Changed, Inbox } from '../inbox/inbox.ts';
import { toMessage } from '../language/message.ts';
import { type Audience, namedUsers } from '../protocol/audience.ts';
import { BelfryError, badField } from '../protocol/errors.ts';
import type { SqlDatabase, SqlRunner } from '../storage/database.ts';
import type { Highest } from '../storage/history.ts';
import { type Answered, newQuestionId, type QuestionState, type Questions } from './questions.ts';
import type { Waiting } from './waiting.ts';

/** What is about to be asked, but for whom. */
export type QuestionDraft = EventDraft & { expiresAt: Date | null; askedBy?: string | undefined };

/** What came of an answer, or of a question that was taken back: whose inboxes changed. */
export interface ChangedInboxes {
  changed: { userId: number; change: Changed }[];
  questionId: string | null;
}

export interface AskingOptions {
  database: SqlDatabase;
  manager: EventManager;
  eventTypes: EventTypeRegistry;
  inbox: Inbox;
  questions: Questions;
  waiting: Waiting;
  now: () => Date;
}

// Each of them is told of every answer, in one transaction.
const MOST_ASKED = 100;

/** See the file's head. */
export class Asking {
  readonly #parts: AskingOptions;

  constructor(parts: AskingOptions) {
    this.#parts = parts;
  }

  /** Whether notifications of that type ask something. */
  isQuestion(eventType: string): boolean {
    const { eventTypes } = this.#parts;
    return eventTypes.has(eventType) && isQuestionType(eventTypes.notification(eventType));
  }

  /**
   * Stores a question, and what it is asked by.
   *
   * @returns The id of the first event by which somebody is asked, also where it was asked before with this key.
   * @throws BelfryError `invalid_input` for whom it cannot be asked of.
   */
  async store(draft: QuestionDraft, audience: Audience): Promise<number | null> {
    const { database, questions, manager } = this.#parts;
    const questionId = newQuestionId();
    const asked = await database.transaction(async (tx) => {
      await this.#add(tx, draft, audience, questionId);
      const { idempotencyKey: key } = draft;
      const earlier = key === undefined ? null : await questions.findByKey(key, tx);
      if (earlier && earlier.id !== questionId) return earlier.id;
      await manager.createWithin(tx, { ...draft, questionId }, audience);
      return questionId;
    });
    // It gets its ids now.
    await manager.catchUp();
    const [first] = await questions.eventsOf(asked);
    return first?.id ?? null;
  }

  /** As `store`. All statements are asked before this returns: a transaction that is synchronous would be over by then. */
  async storeWithin(tx: SqlRunner, draft: QuestionDraft, audience: Audience): Promise<void> {
    const questionId = newQuestionId();
    const added = this.#add(tx, draft, audience, questionId);
    await Promise.all([added, this.#parts.manager.createWithin(tx, { ...draft, questionId }, audience)]);
  }

  #add(tx: SqlRunner, draft: QuestionDraft, audience: Audience, id: string): Promise<void> {
    const { eventTypes, questions } = this.#parts;
    if (audience === 'everyone' || 'topic' in audience) {
      throw badField('to', toMessage('server.belfry.ask-by-name'));
    }
    if (namedUsers(audience).length > MOST_ASKED) {
      throw badField('to', toMessage('server.belfry.ask-too-many', { most: MOST_ASKED }));
    }
    const { eventType, idempotencyKey, expiresAt, askedBy } = draft;
    const { payload, payloadVersion } = eventTypes.keep(eventType, draft.payload);
    return questions.add(tx, {
      id,
      key: idempotencyKey ?? null,
      eventType,
      payload,
      payloadVersion,
      askedBy: askedBy ?? null,
      expiresAt,
    });
  }

  /**
   * Waits for the answer to what was asked with a key.
   *
   * @param send Asks, where nobody has yet.
   * @param signal Withdraws the question.
   */
  async answerTo(
    key: string,
    { send, signal }: { send: () => Promise<unknown>; signal: AbortSignal | undefined },
  ): Promise<Answered | null> {
    const { questions, waiting } = this.#parts;
    let asked = await questions.findByKey(key);
    if (asked === null) {
      await send();
      asked = await questions.findByKey(key);
    }
    if (asked === null) return null;
    const answer = await waiting.forAnswer(asked.id, { signal });
    if (answer === null && signal?.aborted) await this.withdraw(asked);
    return answer;
  }

  /** Waits for the answer by the id of an event. @throws BelfryError `not_found` when `askedBy` asked no such question. */
  async answerToEvent(
    eventId: number,
    { askedBy, signal }: { askedBy: string; signal: AbortSignal | undefined },
  ): Promise<Answered | null> {
    const { questions, waiting } = this.#parts;
    const question = await questions.findByEvent(eventId);
    if (question === null || question.askedBy !== askedBy) {
      throw new BelfryError('not_found', toMessage('server.belfry.no-such-question'));
    }
    return waiting.forAnswer(question.id, { signal });
  }

  /** Takes a question back: nobody is shown it any more. False: it was answered, over or taken back before. */
  async withdraw({ id }: Pick<QuestionState, 'id'>): Promise<boolean> {
    const { database, questions, inbox, manager, now } = this.#parts;
    const { known } = manager;
    const withdrawn = await database.transaction(async (tx): Promise<ChangedInboxes | null> => {
      if (!(await questions.withdraw(tx, id, now()))) return null;
      const asked = await questions.eventsOf(id, tx);
      await inbox.lock(
        tx,
        asked.map(({ userId }) => userId),
      );
      const changed: ChangedInboxes['changed'] = [];
      for (const event of asked) {
        const change = await inbox.touch(tx, { userId: event.userId, eventId: event.id });
        if (change) changed.push({ userId: event.userId, change });
      }
      return { changed, questionId: id };
    });
    if (withdrawn) await this.announce(withdrawn, known);
    return withdrawn !== null;
  }

  /**
   * Tells those whose inboxes changed, and whoever waits. After the commit: nobody is told what was rolled back.
   *
   * @param known What the manager knew before the change was begun.
   */
  async announce({ changed, questionId }: ChangedInboxes, known: Highest): Promise<void> {
    const { manager } = this.#parts;
    for (const { userId, change } of changed) await manager.changedInbox(userId, change, known);
    if (questionId !== null) manager.announceAnswer(questionId);
  }
}
