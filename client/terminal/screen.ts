/**
 * A terminal with an input line at its end, and lines that appear above it.
 *
 * @module
 */

import { type InputState, type Layout, layoutInput, type TerminalSize } from "./layout.ts";

/** A terminal. */
export interface Terminal {
  /** Writes text, whole. */
  write(text: string): void;
  /** Its size now. */
  size(): TerminalSize;
}

const ERASE_BELOW = "\x1b[J";
const ERASE_ALL = "\x1b[H\x1b[2J";
/** Changes appear whole (synchronized output); terminals that do not know the marks ignore them. */
const BEGIN = "\x1b[?2026h\x1b[?25l";
const END = "\x1b[?25h\x1b[?2026l";

/**
 * Keeps the input line whole while lines appear above it.
 *
 * Guarantees:
 * 1. Lines are written once, in order, and never again: the scrollback is the record.
 * 2. All that is shown within one turn of the event loop is one write, however many lines it is.
 * 3. After each write the terminal's cursor stands where the input's cursor is.
 */
export class Screen {
  readonly #terminal: Terminal;
  readonly #input: () => InputState | undefined;
  #above: string[] = [];
  #painted: Layout | undefined;
  #columns: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClearing = false;
  #isHeld = false;
  #bells = 0;

  /**
   * Paints nothing yet.
   *
   * @param terminal The terminal.
   * @param input Gives the input line; `undefined` if there is none at the moment.
   */
  constructor(terminal: Terminal, input: () => InputState | undefined) {
    this.#terminal = terminal;
    this.#input = input;
    this.#columns = terminal.size().columns;
  }

  /** Shows a line above the input; it holds no control characters but colours. */
  print(text: string): void {
    this.#above.push(text);
    this.refresh();
  }

  /** Rings. */
  ring(): void {
    this.#bells = 1;
    this.refresh();
  }

  /** Clears the screen. */
  clear(): void {
    this.#isClearing = true;
    this.refresh();
  }

  /** Paints the input line soon. */
  refresh(): void {
    this.#timer ??= setTimeout(() => this.flush(), 0);
  }

  /**
   * Leaves the input as it stands in the scrollback and goes to a new line, as after Enter.
   *
   * @param keeps Whether it stays to be read; else it is erased.
   */
  commit(keeps: boolean): void {
    this.flush();
    const { rows, cursorRow } = this.#painted ?? { rows: [], cursorRow: 0 };
    this.#terminal.write(
      keeps ? "\r\n".repeat(Math.max(0, rows.length - cursorRow)) : this.#erase(),
    );
    this.#painted = undefined;
  }

  /** Writes nothing until {@linkcode Screen.takeOver}. */
  hold(): void {
    this.#isHeld = true;
  }

  /** Somebody else has written: the input is painted anew from the row in which the cursor is. */
  takeOver(): void {
    this.#isHeld = false;
    this.refresh();
    this.#painted = { rows: [""], widths: [0], cursorRow: 0, cursorColumn: 0 };
  }

  /** Paints at once. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#isHeld) return;
    const size = this.#terminal.size();
    const state = this.#input();
    const layout = state === undefined ? undefined : layoutInput(state, size);
    const above = this.#above.splice(0).map((text) => text + "\r\n").join("");
    const bell = "\x07".repeat(this.#bells);
    this.#bells = 0;
    let text = this.#erase(size.columns);
    if (this.#isClearing) text += ERASE_ALL;
    this.#isClearing = false;
    text += above + bell;
    if (layout !== undefined) text += place(layout);
    this.#painted = layout;
    this.#columns = size.columns;
    this.#terminal.write(BEGIN + text + END);
  }

  /** Goes to the start of the painted input and erases all below. */
  #erase(columns = this.#columns): string {
    const painted = this.#painted;
    if (painted === undefined) return "";
    const { widths, cursorRow, cursorColumn } = painted;
    let up = cursorRow;
    if (columns < this.#columns) {
      // The terminal has broken the rows that no longer fit.
      up = Math.floor(cursorColumn / columns);
      for (let row = 0; row < cursorRow; row++) {
        up += Math.max(1, Math.ceil(widths[row]! / columns));
      }
    }
    return `\r${up > 0 ? `\x1b[${up}A` : ""}${ERASE_BELOW}`;
  }
}

function place({ rows, cursorRow, cursorColumn }: Layout): string {
  const up = rows.length - 1 - cursorRow;
  return rows.join("\r\n") + (up > 0 ? `\x1b[${up}A` : "") + "\r" +
    (cursorColumn > 0 ? `\x1b[${cursorColumn}C` : "");
}
