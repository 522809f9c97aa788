/**
 * A terminal for tests: a pseudo-terminal with an emulator (xterm.js) that can be read.
 *
 * @module
 */

import pty, { type IPty } from "npm:@lydell/node-pty@1.1.0";
import { UnicodeGraphemesAddon } from "npm:@xterm/addon-unicode-graphemes@0.4.0";
import xterm, { type IBufferLine, type ITerminalAddon } from "npm:@xterm/headless@6.0.0";

import { graphics } from "./graphics.ts";
import { DEADLINE_MS } from "./raw_client.ts";
import { type Key, keySequence } from "./terminal_keys.ts";
import { Tty, type TtyModes } from "./tty.ts";

const ROOT = new URL("../../", import.meta.url);
const SCROLLBACK_ROWS = 20_000;
/** xterm.js leaves broken rows as they are on old versions of Windows only, and wants to be told that this is one. */
const NO_REFLOW = { backend: "winpty", buildNumber: 1 } as const;

/** How a terminal is made. */
export interface TerminalOptions {
  /** @default {80} */
  columns?: number;
  /** @default {24} */
  rows?: number;
  /** Variables of the program's environment, beyond those of the test; `undefined` removes one. */
  env?: Readonly<Record<string, string | undefined>>;
  /**
   * Whether rows that were broken at the right edge are broken anew when the width changes, as tmux, VTE and kitty do
   * and the classic xterm does not.
   *
   * @default {true}
   */
  reflows?: boolean;
}

function isSet(variable: [string, string | undefined]): variable is [string, string] {
  return variable[1] !== undefined;
}

/** The client's row of state: how the connection is, the open conversation, the others. */
const STATE_ROW =
  /^(?:online|no connection|name taken|на связи|нет связи|имя занято|\[\S+?(?:, \d+ \S+)?\]|\d+:\S+(?: \d+!?)?)(?: {2}|$)/;

/** Somebody who waits for something to be seen. */
interface Waiter {
  /** Looks; has resolved the promise if it returns true. */
  readonly look: () => boolean;
  readonly fail: (reason: string) => void;
}

/** A program that runs in a terminal. Disposal closes the terminal and kills the program. */
export class Terminal implements AsyncDisposable {
  readonly #emulator: xterm.Terminal;
  readonly #process: IPty;
  readonly #tty: Tty;
  readonly #reflows: boolean;
  readonly #waiters = new Set<Waiter>();
  readonly #exit: Promise<number>;
  readonly #titles: string[] = [];
  readonly #bytes: string[] = [];
  #status: number | undefined;
  #typed = Promise.resolve();

  private constructor(command: readonly [string, ...string[]], options: Required<TerminalOptions>) {
    const { columns, rows, env, reflows } = options;
    const [program, ...args] = command;
    this.#reflows = reflows;
    this.#emulator = new xterm.Terminal({
      allowProposedApi: true,
      cols: columns,
      rows,
      scrollback: SCROLLBACK_ROWS,
      windowOptions: { pushTitle: true, popTitle: true },
    });
    this.#emulator.onTitleChange((title) => this.#titles.push(title));
    this.#emulator.loadAddon(new UnicodeGraphemesAddon() as ITerminalAddon);
    this.#process = pty.spawn(program, args, {
      cols: columns,
      rows,
      cwd: ROOT.pathname,
      env: Object.fromEntries(Object.entries({ ...Deno.env.toObject(), ...env }).filter(isSet)),
    });
    this.#tty = new Tty((this.#process as IPty & { readonly fd: number }).fd);
    // What the program asks the terminal is answered.
    this.#emulator.onData((answer) => this.type(answer));
    this.#process.onData((data) => {
      this.#bytes.push(data);
      this.#emulator.write(data, () => this.#look());
    });
    const { promise, resolve } = Promise.withResolvers<number>();
    this.#exit = promise;
    this.#process.onExit(({ exitCode, signal }) => {
      // By now all output is in the emulator's queue; the empty write ends when it is on the screen.
      this.#emulator.write("", () => {
        this.#status = signal ? 128 + signal : exitCode;
        resolve(this.#status);
        this.#look();
      });
    });
  }

  /**
   * Starts a program, in the project's folder, in a terminal of its own.
   *
   * @param command The program and its arguments.
   */
  static start(
    command: readonly [string, ...string[]],
    { columns = 80, rows = 24, env = {}, reflows = true }: TerminalOptions = {},
  ): Terminal {
    const variables = {
      TERM: "xterm-256color",
      LANG: "C.UTF-8",
      LC_ALL: "C.UTF-8",
      NO_COLOR: undefined,
      TMUX: undefined,
      ...env,
    };
    return new Terminal(command, { columns, rows, env: variables, reflows });
  }

  /** The program's process id. */
  get pid(): number {
    return this.#process.pid;
  }

  /** How the terminal device is set now. */
  get tty(): TtyModes {
    return this.#tty.modes();
  }

  /** Whether the program has asked for pastes to be marked. */
  get isPasteMarked(): boolean {
    return this.#emulator.modes.bracketedPasteMode;
  }

  /** Types text as it is. */
  type(text: string): void {
    this.#typed = this.#typed.then(() => this.#tty.write(text));
  }

  /** Presses keys. */
  press(...keys: Key[]): void {
    const { applicationCursorKeysMode } = this.#emulator.modes;
    this.type(keys.map((key) => keySequence(key, applicationCursorKeysMode)).join(""));
  }

  /** Types a line and Enter. */
  enter(line: string): void {
    this.type(line);
    this.press("enter");
  }

  /** Pastes as from a clipboard: with the marks of bracketed paste, if the program has asked for them. */
  paste(text: string): void {
    this.type(this.isPasteMarked ? `\x1b[200~${text}\x1b[201~` : text);
  }

  /** Tells the program that the window has got or lost the focus, if it has asked to be told. */
  focus(isFocused: boolean): void {
    if (this.#emulator.modes.sendFocusMode) this.type(isFocused ? "\x1b[I" : "\x1b[O");
  }

  /** Changes the size. */
  resize(columns: number, rows: number): void {
    this.#emulator.options.windowsPty = this.#reflows ? {} : NO_REFLOW;
    this.#emulator.resize(columns, rows);
    this.#emulator.options.windowsPty = {};
    this.#process.resize(columns, rows);
  }

  /** Sends a signal to the program. */
  kill(signal: Deno.Signal): void {
    Deno.kill(this.pid, signal);
  }

  /** All titles that the window has had, the last one last. */
  get titles(): readonly string[] {
    return this.#titles;
  }

  /** All that the program has written. */
  get output(): string {
    return this.#bytes.join("");
  }

  /** The rows that are seen, without the spaces at their ends, empty rows below and the row of state. */
  screen(): string {
    const rows = this.#rows();
    return (this.state() === "" ? rows : rows.slice(0, -1)).join("\n").trimEnd();
  }

  /** The row of state below the input; empty if there is none. */
  state(): string {
    const rows = this.#rows();
    const last = rows.at(-1) ?? "";
    return rows.length - 1 > this.cursor.row && STATE_ROW.test(last) ? last : "";
  }

  /** Resolves with the row of state as soon as it is this. */
  async hasState(state: string | RegExp): Promise<string> {
    const isThere = (): boolean =>
      typeof state === "string" ? this.state() === state : state.test(this.state());
    await this.until(isThere, `the state '${state}'`);
    return this.state();
  }

  #rows(): string[] {
    // Without reflow, the emulator keeps what is cut off at the edge.
    return this.#lines().map((line) =>
      line.translateToString(true, 0, this.#emulator.cols).trimEnd()
    ).join("\n").trimEnd().split("\n");
  }

  /** All rows since the start; rows that the terminal broke are joined again. */
  scrollback(): string {
    return this.#joined(0);
  }

  /** The screen with its colours as escape sequences. */
  colours(): string {
    return this.#lines().map((line) => graphics(line)).join("\n");
  }

  /** Where the cursor is, from 0. */
  get cursor(): { column: number; row: number } {
    const { cursorX, cursorY } = this.#emulator.buffer.active;
    return { column: cursorX, row: cursorY };
  }

  /** Resolves with the screen as soon as the test is met; at the latest when the program has ended. */
  async until(isMet: (screen: string) => boolean, what: string): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const waiter: Waiter = {
      look: () => {
        const screen = this.screen();
        const isDone = isMet(screen);
        if (isDone) resolve(screen);
        return isDone;
      },
      fail: (reason) =>
        reject(new Error(`${reason}: ${what}; there is\n${this.#rows().join("\n")}`)),
    };
    this.#waiters.add(waiter);
    this.#look();
    const deadline = setTimeout(() => waiter.fail("Waited in vain"), DEADLINE_MS);
    try {
      return await promise;
    } finally {
      clearTimeout(deadline);
      this.#waiters.delete(waiter);
    }
  }

  /** Resolves with the screen as soon as that is seen, also if it is broken over rows. */
  shows(text: string | RegExp): Promise<string> {
    const isSeen = (): boolean => {
      const shown = this.#joined(this.#emulator.buffer.active.baseY);
      return typeof text === "string" ? shown.includes(text) : text.test(shown);
    };
    return this.until(isSeen, `'${text}'`);
  }

  /** Resolves with the screen as soon as its last row is this. */
  endsWith(text: string): Promise<string> {
    return this.until((screen) => screen.split("\n").at(-1) === text, `'${text}' at the end`);
  }

  /** Resolves when the cursor is there, from 0. */
  async cursorAt(column: number, row: number): Promise<void> {
    const isThere = (): boolean => this.cursor.column === column && this.cursor.row === row;
    await this.until(isThere, `a cursor at ${column} ${row}`);
  }

  /**
   * Waits for the program's end; its exit status, 128 and more for a signal.
   *
   * @throws {Error} If the terminal is not as it was before: it must echo, read lines and mark no pastes.
   */
  async ended(): Promise<number> {
    const status = await this.#exitStatus();
    const { echoes, isLineByLine, sendsSignals } = this.tty;
    if (!echoes) throw new Error("The terminal was left without echo");
    if (!isLineByLine || !sendsSignals) throw new Error("The terminal was left in raw mode");
    if (this.isPasteMarked) throw new Error("The terminal was left with marks around pastes");
    return status;
  }

  async #exitStatus(): Promise<number> {
    const deadline = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => deadline.reject(new Error(`The program goes on; there is\n${this.screen()}`)),
      DEADLINE_MS,
    );
    return await Promise.race([this.#exit, deadline.promise]).finally(() => clearTimeout(timer));
  }

  /** The rows that are seen. */
  #lines(first = this.#emulator.buffer.active.baseY): IBufferLine[] {
    const { active } = this.#emulator.buffer;
    return Array.from({ length: active.length - first }, (_, i) => active.getLine(first + i)!);
  }

  /** The rows from one on; those that the terminal broke at its edge are one. */
  #joined(first: number): string {
    const lines = this.#lines(first);
    return lines.map((line, i) => {
      const start = line.isWrapped && i > 0 ? "" : "\n";
      if (!lines[i + 1]?.isWrapped) return start + line.translateToString(true).trimEnd();
      // A wide character that did not fit has left the last cell empty.
      const isLastEmpty = line.getCell(line.length - 1)!.getChars() === "" &&
        line.getCell(line.length - 2)!.getWidth() === 1;
      return start + line.translateToString(false, 0, line.length - (isLastEmpty ? 1 : 0));
    }).join("").slice(1).trimEnd();
  }

  /** Looks for all who wait, after something has changed. */
  #look(): void {
    for (const waiter of this.#waiters) {
      if (waiter.look()) this.#waiters.delete(waiter);
      else if (this.#status !== undefined) waiter.fail(`Ended with status ${this.#status}`);
    }
  }

  /** Closes the window: all in it lose their terminal (SIGHUP). */
  hangUp(): void {
    this.#tty[Symbol.dispose]();
    (this.#process as IPty & { destroy(): void }).destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#status === undefined) {
      try {
        Deno.kill(-this.pid, "SIGKILL");
      } catch {
        // It has ended meanwhile.
      }
    }
    await this.#exit;
    this.#tty[Symbol.dispose]();
    await this.#typed;
    this.#emulator.dispose();
  }
}
