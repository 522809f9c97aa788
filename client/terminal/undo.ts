/**
 * What was done to a text, to be undone.
 *
 * @module
 */

import type { Edited } from "./line_editor.ts";

/** More than anybody goes back; the oldest steps are forgotten. */
const MAX_STEPS = 200;

/** The states that a text had; what is typed in one go is one step. */
export class Undo {
  #past: Edited[] = [];
  #future: Edited[] = [];
  /** Where the cursor is if the next character goes on with what is being typed. */
  #typedTo: number | undefined;

  /** The text is about to change. */
  before(state: Edited): void {
    this.#push(state);
    this.#typedTo = undefined;
  }

  /** So many UTF-16 units are about to be typed. */
  beforeTyping(state: Edited, units: number): void {
    if (state.cursor !== this.#typedTo) this.#push(state);
    this.#typedTo = state.cursor + units;
  }

  /** The state before the last step; nothing if there is none. */
  back(now: Edited): Edited | undefined {
    return this.#move(this.#past, this.#future, now);
  }

  /** The state that was left with the last {@linkcode Undo.back}; nothing if the text has changed since. */
  forth(now: Edited): Edited | undefined {
    return this.#move(this.#future, this.#past, now);
  }

  #push(state: Edited): void {
    this.#past.push(state);
    if (this.#past.length > MAX_STEPS) this.#past.shift();
    this.#future = [];
  }

  #move(from: Edited[], to: Edited[], now: Edited): Edited | undefined {
    const state = from.pop();
    if (state !== undefined) to.push(now);
    this.#typedTo = undefined;
    return state;
  }
}
