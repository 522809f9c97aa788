/**
 * Own messages on their way: from Enter to the server's answer.
 *
 * @module
 */

import type { Clock, Timer } from "../../common/clock.ts";
import { foldName } from "../../common/names.ts";

/** A message without an answer. */
export interface OwnMessage {
  /** A name, or a `#room`. */
  readonly to: string;
  /** The text. */
  readonly text: string;
  /** The own name, if the text says what one does. */
  readonly doer?: string | undefined;
}

/** A message that the server took. */
export interface Kept {
  /** The number under which it is kept, if it is. */
  readonly seq: number | undefined;
}

interface Pending extends OwnMessage {
  readonly settled: Promise<Kept | undefined>;
  readonly onSettled: (kept: Kept | undefined) => void;
  readonly onTaken: (() => void) | undefined;
  readonly timer: Timer;
  isLate: boolean;
}

/** The person is told of an answer that takes longer. */
const LATE_MS = 500;

/** Knows which own messages have no answer yet, and whose answer is late. */
export class OwnMessages {
  readonly #clock: Clock;
  readonly #onLate: () => void;
  readonly #pending = new Map<string, Pending>();

  /**
   * Holds nothing yet.
   *
   * @param clock Where time comes from.
   * @param onLate Called when an answer has not come within half a second.
   */
  constructor(clock: Clock, onLate: () => void) {
    this.#clock = clock;
    this.#onLate = onLate;
  }

  /**
   * Adds a message.
   *
   * @param id The id of its request.
   * @param onTaken Called when the server has taken it.
   * @returns Resolves when it is settled.
   */
  add(id: string, message: OwnMessage, onTaken?: () => void): Promise<unknown> {
    const { promise: settled, resolve: onSettled } = Promise.withResolvers<Kept | undefined>();
    const timer = this.#clock.setTimeout(() => {
      pending.isLate = true;
      this.#onLate();
    }, LATE_MS);
    const pending: Pending = { ...message, settled, onSettled, onTaken, timer, isLate: false };
    this.#pending.set(id, pending);
    return settled;
  }

  /** How many wait: all of them, or those whose answer is late. */
  count(which: "all" | "late"): number {
    if (which === "all") return this.#pending.size;
    let count = 0;
    for (const { isLate } of this.#pending.values()) if (isLate) count++;
    return count;
  }

  /**
   * Resolves when all messages to a name that wait now are settled.
   *
   * @returns The last of them that the server took, if it took any.
   */
  async answered(to: string): Promise<Kept | undefined> {
    const folded = foldName(to);
    const waiting = [...this.#pending.values()].filter((pending) =>
      foldName(pending.to) === folded
    );
    const taken = await Promise.all(waiting.map(({ settled }) => settled));
    return taken.findLast((kept) => kept !== undefined);
  }

  /**
   * A message has its answer, or will never get one.
   *
   * @param kept What the server says, if it took the message.
   */
  settle(id: string, kept?: Kept): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    this.#pending.delete(id);
    this.#clock.clearTimeout(pending.timer);
    if (kept !== undefined) pending.onTaken?.();
    pending.onSettled(kept);
  }

  /** Settles all, and gives those that had no answer, oldest first. */
  abandon(): OwnMessage[] {
    const abandoned = [...this.#pending.values()].map(({ to, text, doer }) => ({
      ...{ to, text },
      ...(doer !== undefined && { doer }),
    }));
    for (const id of [...this.#pending.keys()]) this.settle(id);
    return abandoned;
  }
}
