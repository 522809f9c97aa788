/**
 * ↑ and ↓ within the rows of a text.
 *
 * @module
 */

import type { Key } from "./keys.ts";
import { cursorInNextRow, type InputState } from "./layout.ts";

/** Goes from row to row, and keeps the column over rows that are shorter. */
export class RowMotion {
  /** The column that was begun in, as long as no other key has come. */
  #column: number | undefined;

  /** Another key was pressed. */
  reset(): void {
    this.#column = undefined;
  }

  /**
   * A key was pressed.
   *
   * @param state What is on the screen.
   * @param columns How wide the terminal is.
   * @returns Where the cursor goes; nothing if it is another key, or there is no row above or below.
   */
  press({ name, ctrl, meta }: Key, state: InputState, columns: number): number | undefined {
    const step = name === "up" ? -1 : name === "down" ? 1 : undefined;
    if (step === undefined || ctrl || meta) {
      this.reset();
      return undefined;
    }
    const next = cursorInNextRow(state, columns, step, this.#column);
    this.#column = next?.column;
    return next?.cursor;
  }
}
