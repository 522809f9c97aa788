/**
 * The time in which an editor has the terminal.
 *
 * @module
 */

import type { Key } from "./keys.ts";

/** Knows the keys that open an editor, and whether one is open. */
export class EditSession {
  #isAfterX = false;
  #running: Promise<void> | undefined;
  readonly #ending = new AbortController();

  /** Resolves when the editor has closed; nothing if none is open. */
  get running(): Promise<void> | undefined {
    return this.#running;
  }

  /** A key was pressed. @returns Whether it is the second one of Ctrl-X Ctrl-E. */
  isAskedFor({ name, ctrl = false }: Key): boolean {
    const isAfterX = this.#isAfterX;
    this.#isAfterX = ctrl && name === "x";
    return isAfterX && ctrl && name === "e";
  }

  /**
   * Opens it.
   *
   * @param open Resolves when it has closed; never rejects. The signal has it close.
   * @param onClosed Called then.
   */
  begin<Outcome>(
    open: (signal: AbortSignal) => Promise<Outcome>,
    onClosed: (outcome: Outcome) => void,
  ): void {
    this.#running = open(this.#ending.signal).then((outcome) => {
      this.#running = undefined;
      onClosed(outcome);
    });
  }

  /** Closes it. */
  end(): void {
    this.#ending.abort();
  }
}
