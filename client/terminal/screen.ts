/**
 * A terminal with an input line at its end, and lines that appear above it.
 *
 * A row of state may stand below the input. Above it would be nearer to where one reads, but there it would have to be
 * counted when the terminal has broken rows, would stay in the scrollback with each line that is entered, and would be
 * pushed out at the top when the terminal becomes lower. Below, it is always behind the cursor: what erases the input
 * erases it, too, and a terminal that becomes lower drops it first.
 *
 * @module
 */

import { type InputState, type Layout, layoutInput, type TerminalSize } from "./layout.ts";
import { mayBeBroken, rowsAboveCursor } from "./reflow.ts";

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
/** Around moves whose end is asked for: with "reverse wraparound", from where the cursor is and back to there. */
const BEGIN_ASKING = "\x1b[?25l\x1b[?45h\x1b7";
const END_ASKING = "\x1b[6n\x1b8\x1b[?45l\x1b[?25h";
/** UTF-16 units that wait to be written, at most: more than all screens show. */
const MAX_ABOVE_UNITS = 1_048_576;
/** A terminal that takes longer is not asked again. */
const ANSWER_MS = 2_000;

/**
 * Keeps the input line whole while lines appear above it.
 *
 * Guarantees:
 * 1. Lines are written once, in order, and never again: the scrollback is the record.
 * 2. All that is shown within one turn of the event loop is one write, however many lines it is.
 * 3. After each write the terminal's cursor stands where the input's cursor is.
 * 4. Nothing above the input is ever erased, but by {@linkcode Screen.clear}.
 * 5. No more than a MiB waits to be written: then it is, even if the terminal is somebody else's at the moment or has not
 *    said where the input begins.
 * 6. Where nothing has changed nothing is written, so that what somebody selects with the mouse stays selected.
 */
export class Screen {
  readonly #terminal: Terminal;
  readonly #input: () => InputState | undefined;
  readonly #title: () => string;
  #above: string[] = [];
  #aboveUnits = 0;
  #painted: Layout | undefined;
  #size: TerminalSize;
  #isForced = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClearing = false;
  #isHeld = false;
  #onFull: (() => void) | undefined;
  #isMeasuring = false;
  #answers = true;
  #onColumn: ((column: number) => void) | undefined;
  /** What does something else than to show: a bell, a notification. */
  #signal = "";

  /**
   * Paints nothing yet.
   *
   * @param terminal The terminal.
   * @param input Gives the input line; `undefined` if there is none at the moment.
   * @param title Gives what changes the terminal's title; empty if nothing does.
   */
  constructor(
    terminal: Terminal,
    input: () => InputState | undefined,
    title: () => string = () => "",
  ) {
    this.#terminal = terminal;
    this.#input = input;
    this.#title = title;
    this.#size = terminal.size();
  }

  /** Shows a line above the input; it holds no control characters but colours. */
  print(text: string): void {
    this.#above.push(text);
    this.#aboveUnits += text.length;
    if (this.#aboveUnits <= MAX_ABOVE_UNITS) this.refresh();
    else if (this.#onFull !== undefined) this.#onFull();
    else this.#paint();
  }

  /** Writes a bell or a notification with what is painted next; one that waits already is replaced. */
  signal(sequence: string): void {
    this.#signal = sequence;
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
    const { rows, cursorRow, below } = this.#painted ?? { rows: [], cursorRow: 0 };
    const down = "\r\n".repeat(Math.max(0, rows.length - cursorRow));
    this.#terminal.write(keeps ? down + (below === undefined ? "" : ERASE_BELOW) : this.#erase());
    this.#painted = undefined;
  }

  /**
   * Writes nothing until {@linkcode Screen.takeOver} or {@linkcode Screen.release}.
   *
   * @param onFull Called instead of writing when too much waits.
   */
  hold(onFull?: () => void): void {
    this.#isHeld = true;
    this.#onFull = onFull;
  }

  /** Goes on where it was held: the terminal shows what it showed then. */
  release(): void {
    this.#isHeld = false;
    this.#onFull = undefined;
    this.#isForced = true;
    this.refresh();
  }

  /** Somebody else has written: the input is painted anew from the row in which the cursor is. */
  takeOver(): void {
    this.#isHeld = false;
    this.#onFull = undefined;
    this.#isForced = true;
    this.refresh();
    this.#painted = { rows: [""], widths: [0], cursorRow: 0, cursorColumn: 0 };
  }

  /** The terminal says in which column the cursor is, from 0. */
  reportColumn(column: number): void {
    this.#onColumn?.(column);
  }

  /** Paints at once, unless the terminal has to be asked first where the input begins. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#isHeld || this.#isMeasuring) return;
    const { columns } = this.#terminal.size();
    const painted = this.#painted;
    const isNarrower = painted !== undefined && columns < this.#size.columns;
    if (isNarrower && this.#answers && mayBeBroken(painted, columns)) this.#measure(painted);
    else this.#paint();
  }

  /** Paints at once and for the last time. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isHeld = true;
    this.#paint();
  }

  /** Finds out where the input begins, and paints it. */
  async #measure(painted: Layout): Promise<void> {
    this.#isMeasuring = true;
    let columns: number;
    let up: number;
    do {
      ({ columns } = this.#terminal.size());
      up = await rowsAboveCursor(painted, columns, (moves) => this.#askColumn(moves));
    } while (this.#answers && this.#terminal.size().columns !== columns);
    this.#isMeasuring = false;
    if (!this.#isHeld) this.#paint(this.#painted === painted ? up : undefined);
  }

  #askColumn(moves: string): Promise<number | undefined> {
    const { promise, resolve } = Promise.withResolvers<number | undefined>();
    if (!this.#answers) resolve(undefined);
    const timer = setTimeout(() => {
      this.#answers = false;
      resolve(undefined);
    }, ANSWER_MS);
    this.#onColumn = resolve;
    this.#terminal.write(BEGIN_ASKING + moves + END_ASKING);
    return promise.finally(() => clearTimeout(timer));
  }

  #paint(up = this.#painted?.cursorRow): void {
    const size = this.#terminal.size();
    const state = this.#input();
    const layout = state === undefined ? undefined : layoutInput(state, size);
    const title = this.#title();
    const isWanted = this.#above.length > 0 || this.#signal !== "" || this.#isClearing ||
      title !== "";
    const isAsBefore = !this.#isForced && up === this.#painted?.cursorRow &&
      isSame([layout, size], [this.#painted, this.#size]);
    if (isAsBefore && !isWanted) return;
    this.#isForced = false;
    this.#aboveUnits = 0;
    const above = this.#above.splice(0).map((text) => text + "\r\n").join("");
    const signal = this.#signal;
    this.#signal = "";
    let text = this.#erase(up);
    if (this.#isClearing) text += ERASE_ALL;
    this.#isClearing = false;
    text += above + signal;
    if (layout !== undefined) text += place(layout);
    this.#painted = layout;
    this.#size = size;
    this.#terminal.write(title + BEGIN + text + END);
  }

  /** Goes to the start of the painted input, some rows above the cursor, and erases all below. */
  #erase(up = this.#painted?.cursorRow): string {
    if (up === undefined || this.#painted === undefined) return "";
    return `\r${up > 0 ? `\x1b[${up}A` : ""}${ERASE_BELOW}`;
  }
}

function place({ rows, cursorRow, cursorColumn, below }: Layout): string {
  const all = below === undefined ? rows : [...rows, below];
  const up = all.length - 1 - cursorRow;
  return all.join("\r\n") + (up > 0 ? `\x1b[${up}A` : "") + "\r" +
    (cursorColumn > 0 ? `\x1b[${cursorColumn}C` : "");
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
