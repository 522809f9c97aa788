/**
 * What was missed while the connection was lost.
 *
 * @module
 */

import type { Clock, Timer } from "../../common/clock.ts";
import { foldName } from "../../common/names.ts";
import type { Delivery } from "../../common/wire/protocol.ts";

/** What {@linkcode Missed} is made of. */
export interface MissedOptions {
  /** Shows what has gathered. */
  readonly show: (messages: readonly Delivery[]) => void;
  /** Where time comes from. */
  readonly clock: Clock;
}

/** What comes within this time of what was missed before is shown with it. */
const PAUSE_MS = 300;
/** So much is not waited for. */
const MAX_MESSAGES = 1_000;

/** Gathers missed messages, which come one by one, so that one line can say how many there are. */
export class Missed {
  readonly #options: MissedOptions;
  #messages: Delivery[] = [];
  #timer: Timer | undefined;
  #isBegun = false;

  /** Has gathered nothing yet. */
  constructor(options: MissedOptions) {
    this.#options = options;
  }

  /** Missed messages may come now; shows also that there are none. */
  begin(): void {
    this.#isBegun = true;
    this.#wait();
  }

  /** A missed message has come. */
  add(message: Delivery): void {
    this.#messages.push(message);
    this.#wait();
    if (this.#messages.length >= MAX_MESSAGES) this.flush();
  }

  /** Something else is to be shown now: shows what has gathered. */
  flush(): void {
    const { clock, show } = this.#options;
    clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    const messages = this.#messages;
    this.#messages = [];
    const isBegun = this.#isBegun;
    this.#isBegun = false;
    if (isBegun || messages.length > 0) show(messages);
  }

  #wait(): void {
    const { clock } = this.#options;
    clock.clearTimeout(this.#timer);
    this.#timer = clock.setTimeout(() => this.flush(), PAUSE_MS);
  }
}

/**
 * Messages of several conversations, each of them in its order, put together by their times. A server's clock may go
 * back: a message then stands where the one before it in its conversation does.
 *
 * @param nameOf With whom a message was said, or in which room.
 */
export function inOrder(
  messages: readonly Delivery[],
  nameOf: (message: Delivery) => string,
): Delivery[] {
  const latest = new Map<string, number>();
  const placed = messages.map((message) => {
    const name = foldName(nameOf(message));
    const time = Math.max(message.time, latest.get(name) ?? -Infinity);
    latest.set(name, time);
    return { message, time };
  });
  return placed.toSorted((one, other) => one.time - other.time).map(({ message }) => message);
}
