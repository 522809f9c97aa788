/**
 * The history of a conversation on the terminal's other screen.
 *
 * @module
 */

import type { PageSource } from "./console_ui.ts";
import type { Key } from "./keys.ts";
import { Pager, type PagerOptions } from "./pager.ts";
import type { Terminal } from "./screen.ts";

/** How a {@linkcode HistoryView} is used. */
export interface HistoryViewOptions extends Omit<PagerOptions, "name"> {
  /** It has the terminal from now on. */
  readonly onOpen: () => void;
  /** The terminal shows again what it showed before. */
  readonly onClose: () => void;
}

/** The other screen, which has no scrollback: what stood on the terminal comes back as it was. */
const OTHER_SCREEN = "\x1b[?1049h";
const FIRST_SCREEN = "\x1b[?1049l\x1b[?25h";
const BEGIN = "\x1b[?2026h\x1b[?25l";
const END = "\x1b[?2026l";

/** Opens when the first page is there, unless another key has come before; asks for older pages ahead. */
export class HistoryView {
  readonly #terminal: Terminal;
  readonly #options: HistoryViewOptions;
  #source: PageSource | undefined;
  #pager: Pager | undefined;
  /** The one for which an answer is awaited. */
  #asking: Pager | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Shows nothing yet. */
  constructor(terminal: Terminal, options: HistoryViewOptions) {
    this.#terminal = terminal;
    this.#options = options;
  }

  /** Whether it has the terminal. */
  get isOpen(): boolean {
    return this.#pager !== undefined;
  }

  /** Opens it. */
  async open(source: PageSource): Promise<void> {
    this.#source = source;
    const lines = await source.older();
    if (this.#source !== source) return;
    if (lines === undefined) {
      this.#source = undefined;
      return;
    }
    const { name, isWhole } = source;
    this.#pager = new Pager(lines, isWhole, this.#terminal.size(), { ...this.#options, name });
    this.#options.onOpen();
    this.#terminal.write(OTHER_SCREEN);
    this.#draw();
    await this.#ask();
  }

  /** A key was pressed. @returns Whether it was for the view; if not, the view is closed by now. */
  press(text: string | undefined, key: Key): boolean {
    if (this.#pager === undefined) {
      if (key.name === "pageup") return this.#source !== undefined;
      this.#source = undefined;
      return false;
    }
    const step = this.#pager.press(text, key);
    if (step === "stays") {
      this.#draw();
      this.#ask();
    } else {
      this.close();
    }
    return step !== "closes and presses";
  }

  /** So many lines wait until it closes. */
  note(count: number): void {
    this.#pager?.note(count);
    // Once for all that comes within one turn of the event loop.
    if (this.#pager !== undefined) this.#timer ??= setTimeout(() => this.#draw(), 0);
  }

  /** The terminal has another size. */
  resized(): void {
    this.#pager?.resize(this.#terminal.size());
    this.#draw();
    this.#ask();
  }

  /** Gives the terminal back; does nothing if it is not open. */
  close(): void {
    this.#source = undefined;
    if (this.#pager === undefined) return;
    this.#pager = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#terminal.write(FIRST_SCREEN);
    this.#options.onClose();
  }

  async #ask(): Promise<void> {
    const [source, pager] = [this.#source, this.#pager];
    if (source === undefined || pager === undefined || this.#asking === pager) return;
    while (pager.wantsOlder) {
      this.#asking = pager;
      const lines = await source.older();
      if (pager !== this.#pager) return;
      this.#asking = undefined;
      pager.add(lines ?? [], source.isWhole || lines === undefined);
      this.#draw();
    }
  }

  #draw(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#pager !== undefined) this.#terminal.write(BEGIN + this.#pager.draw() + END);
  }
}
