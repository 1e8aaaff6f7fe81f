/**
 * The bus of several instances in one process, which does to their hints whatever a backend may do: loses them,
 * delivers them late, twice, or in another order, or loses touch with everybody and says so.
 */
import type {
  BusMessage,
  BusSubscriber,
  EventBus,
  ListenersQuestion,
} from '../../lib/belfry/bus/event-bus.ts';

/** What becomes of a message for one instance. `cut`: it is lost, and the instances know that they have lost touch. */
export type Fate = 'delivered' | 'lost' | 'late' | 'doubled' | 'cut';

export class UnreliableBus {
  #fate: Fate = 'delivered';
  readonly #subscribers = new Set<BusSubscriber>();
  #late: { to: BusSubscriber; message: BusMessage }[] = [];

  /** From now on. What was cut before is told of as a gap. */
  set fate(next: Fate) {
    const wasCut = this.#fate === 'cut';
    this.#fate = next;
    if (wasCut && next !== 'cut') for (const { onGap } of this.#subscribers) onGap();
  }

  /** Delivers what is late: in the order in which it was told, or the newest first. */
  release({ newestFirst = false } = {}): void {
    const late = this.#late.splice(0);
    for (const { to, message } of newestFirst ? late.reverse() : late) this.#deliver(to, message);
  }

  /** The bus as one instance sees it. */
  port(): EventBus {
    const isConnected = () => this.#fate !== 'cut';
    return {
      get isConnected() {
        return isConnected();
      },
      publish: async (message) => {
        for (const to of this.#subscribers) this.#carry(to, message);
      },
      whoListens: async (question) => this.#ask(question),
      subscribe: (subscriber) => {
        this.#subscribers.add(subscriber);
        return () => this.#subscribers.delete(subscriber);
      },
      close: async () => {},
    };
  }

  #carry(to: BusSubscriber, message: BusMessage): void {
    if (this.#fate === 'late') this.#late.push({ to, message });
    if (this.#fate === 'delivered' || this.#fate === 'doubled') this.#deliver(to, message);
    // The second time, after whatever else is told meanwhile.
    if (this.#fate === 'doubled') this.#late.push({ to, message });
  }

  #deliver(to: BusSubscriber, message: BusMessage): void {
    // An instance that has ended hears nothing any more.
    if (this.#subscribers.has(to)) to.onMessage(message);
  }

  #ask(question: ListenersQuestion): number[] {
    return [...new Set([...this.#subscribers].flatMap(({ onQuestion }) => onQuestion(question)))];
  }
}
