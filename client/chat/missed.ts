/**
 * What was missed while the connection was lost.
 *
 * @module
 */

import type { Clock, Timer } from "../../common/clock.ts";
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

  /** Has gathered nothing yet. */
  constructor(options: MissedOptions) {
    this.#options = options;
  }

  /** A missed message has come. */
  add(message: Delivery): void {
    this.#messages.push(message);
    const { clock } = this.#options;
    clock.clearTimeout(this.#timer);
    this.#timer = clock.setTimeout(() => this.flush(), PAUSE_MS);
    if (this.#messages.length >= MAX_MESSAGES) this.flush();
  }

  /** Something else is to be shown now: shows what has gathered. */
  flush(): void {
    const { clock, show } = this.#options;
    clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    const messages = this.#messages;
    this.#messages = [];
    if (messages.length > 0) show(messages);
  }
}
