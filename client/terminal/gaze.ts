/**
 * Whether somebody looks at the terminal.
 *
 * @module
 */

import type { Clock } from "../../common/clock.ts";

/** Who has pressed a key so lately is looking, where the terminal does not tell. */
const KEY_MS = 10_000;

/** Knows it from the terminal's reports of its focus; until the first one comes, from the keys. */
export class Gaze {
  readonly #clock: Clock;
  #isFocused: boolean | undefined;
  #keyMs = -Infinity;

  /** Knows nothing yet. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The terminal has got the focus, or has lost it. */
  focus(isFocused: boolean): void {
    this.#isFocused = isFocused;
  }

  /** A key was pressed. */
  key(): void {
    this.#keyMs = this.#clock.monotonicMs();
    // A report was lost: where keys go, the focus is.
    if (this.#isFocused === false) this.#isFocused = true;
  }

  /** Whether somebody looks. A terminal that never tells is one that nobody looks at, but for ten seconds after a key. */
  get isHere(): boolean {
    return this.#isFocused ?? this.#clock.monotonicMs() - this.#keyMs < KEY_MS;
  }
}
