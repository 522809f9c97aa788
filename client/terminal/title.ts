/**
 * The title of the terminal's window.
 *
 * @module
 */

import { printable } from "../../common/printable.ts";

/**
 * Has the terminal keep its titles and take them back (XTWINOPS). Terminals that do not know it ignore it: no number of
 * these makes a window larger, as those from 24 on do.
 */
const KEEP = "\x1b[22;0t";
const TAKE_BACK = "\x1b[23;0t";

/** What makes a terminal show a title, as long as it is not the one that is shown already. */
export class Title {
  #shown: string | undefined;

  /** The terminal is to keep the title that it has. */
  begin(): string {
    this.#shown = undefined;
    return KEEP;
  }

  /**
   * The title is to be that (OSC 0).
   *
   * @returns Nothing if it is so already, or if there is none.
   */
  change(text: string | undefined): string {
    if (text === undefined || text === this.#shown) return "";
    this.#shown = text;
    return `\x1b]0;${printable(text)}\x07`;
  }

  /** The terminal is to show what it has kept. */
  end(): string {
    return TAKE_BACK;
  }
}
