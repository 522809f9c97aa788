import type { MessageChange } from "../sqlite/message_changes.ts";

/** Changes that are handed over at once, and about how many code units of new texts they have together. */
const MAX_CHANGES = 64;
const MAX_UNITS = 16_384;

/** A change, and whoever waits for what becomes of it. */
export interface WaitingChange<T> {
  /** The change. */
  readonly change: MessageChange;
  /** Ends the wait. */
  readonly resolve: (outcome: T) => void;
  /** Ends the wait by an error. */
  readonly reject: (error: unknown) => void;
}

/**
 * Changes of messages that wait. Those of one asker stay in their order; of several, each has one in turn.
 */
export class ChangeQueue<T> {
  /** By asker. Whoever was served last is the last one. */
  readonly #lanes = new Map<string, WaitingChange<T>[]>();

  /** Whether none waits. */
  get isEmpty(): boolean {
    return this.#lanes.size === 0;
  }

  /** One more waits. */
  add(waiting: WaitingChange<T>): void {
    const { asker = "" } = waiting.change;
    const lane = this.#lanes.get(asker);
    if (lane === undefined) this.#lanes.set(asker, [waiting]);
    else lane.push(waiting);
  }

  /** The next ones, as many as are handed over at once. They go on waiting. */
  next(): WaitingChange<T>[] {
    const next: WaitingChange<T>[] = [];
    let lanes = [...this.#lanes.values()];
    let units = 0;
    for (let n = 0; lanes.length > 0; n++) {
      lanes = lanes.filter(({ length }) => length > n);
      for (const { [n]: waiting } of lanes) {
        if (next.length === MAX_CHANGES || units > MAX_UNITS) return next;
        const { change } = waiting!;
        if ("message" in change) units += change.message.length;
        next.push(waiting!);
      }
    }
    return next;
  }

  /** Some wait no longer: the first of what {@linkcode ChangeQueue.next} gave. */
  remove(some: readonly WaitingChange<T>[]): void {
    for (const { change: { asker = "" } } of some) {
      const [, ...rest] = this.#lanes.get(asker)!;
      this.#lanes.delete(asker);
      if (rest.length > 0) this.#lanes.set(asker, rest);
    }
  }
}
