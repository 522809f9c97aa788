/**
 * A terminal that knows no escape sequences (TERM=dumb), as the place of a chat.
 *
 * @module
 */

import { createInterface } from "node:readline";
import { PassThrough, Writable } from "node:stream";

import { continuesLine } from "../chat/input.ts";
import { type Clock, systemClock } from "../../common/clock.ts";
import { SAME_WISH_MS } from "../../common/interrupts.ts";
import { type Line, line, paint } from "../chat/styled_line.ts";
import type { Speaker } from "../texts/texts.ts";
import type { ConsoleUi, Prompter } from "./console_ui.ts";
import type { Entry } from "./draft.ts";
import { KeyDecoder } from "./keys.ts";
import { isYes } from "./question.ts";
import type { Terminal } from "./screen.ts";
import { SecretLine } from "./secret_line.ts";
import { wrapLine } from "./wrap.ts";

/** How a {@linkcode DumbUi} behaves. */
export interface DumbUiOptions {
  /** The language. */
  speaker: Speaker;
  /** Has the terminal send keys that it does not show, or whole lines that it does. */
  setRaw: (isRaw: boolean) => void;
  /** Tells one Ctrl-C from two. */
  clock?: Clock;
}

/** A second Ctrl-C within this time after the first leaves. */
const LEAVE_MS = 5_000;

/** Somebody who waits for a line. */
interface Waiter {
  readonly prompt: () => string;
  readonly secret: SecretLine | undefined;
  readonly isQuestion: boolean;
  readonly resolve: (line: string | undefined) => void;
}

/**
 * Whether the terminal is a dumb one. TERM itself may be read only with a permission; without, `node:readline` tells,
 * whose keys move nothing in a dumb terminal. That TERM is missing is seen only with the permission.
 */
export function isDumb(): boolean {
  if (Deno.build.os === "windows") return false;
  const term = termOf();
  if (term !== undefined) return ["", "dumb"].includes(term);
  const output = new Writable({ write: (_chunk, _encoding, done) => done() });
  const editor = createInterface({ input: new PassThrough(), output, terminal: true });
  editor.write("x");
  editor.write(null as unknown as string, { name: "left" });
  return editor.cursor !== 0;
}

/** The kind of terminal; empty if `TERM` is missing, `undefined` if that may not be read. */
export function termOf(): string | undefined {
  const env = { name: "env", variable: "TERM" } as const;
  if (Deno.permissions.querySync(env).state !== "granted") return undefined;
  return Deno.env.get("TERM") ?? "";
}

/** Line by line: a prompt where a line is awaited, and what comes meanwhile below it. The terminal edits the line. */
export class DumbUi implements ConsoleUi {
  /** A person is there. */
  readonly isInteractive = true;
  readonly #terminal: Terminal;
  readonly #options: DumbUiOptions;
  readonly #decoder = new TextDecoder();
  readonly #keys: KeyDecoder;
  readonly #ended = new AbortController();
  readonly #waiters: Waiter[] = [];
  readonly #lines: string[] = [];
  #prompter: Prompter | undefined;
  #rest = "";
  /** Whether the cursor stands behind a prompt. */
  #isPrompted = false;
  /** When Ctrl-C came last, and when it was last said that another one leaves. */
  #interruptMs = -Infinity;
  #warnedMs = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Takes the terminal as it is.
   *
   * @param terminal Where to write.
   * @param options See {@linkcode DumbUiOptions}.
   */
  constructor(terminal: Terminal, options: DumbUiOptions) {
    this.#terminal = terminal;
    this.#options = options;
    this.#keys = new KeyDecoder({
      onKey: (text, key) => {
        const secret = this.#waiters[0]?.secret;
        if (secret === undefined) return;
        if (key.name === "return" || key.name === "newline") this.#settle(secret.take());
        else if (key.ctrl && (key.name === "c" || key.name === "d")) this.#settle(undefined);
        else secret.press(text, key);
      },
      onPaste: (text) => this.#waiters[0]?.secret?.insert(text),
    });
  }

  /** Aborted when the person wants to leave. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** The width of the terminal; its last column stays free, since there terminals differ. */
  get columns(): number {
    return this.#terminal.size().columns - 1;
  }

  /** From now on lines are taken for a chat. */
  start(prompter: Prompter): void {
    this.#prompter = prompter;
  }

  /** Until the next start, lines are for questions only. */
  pause(): void {
    this.#prompter = undefined;
  }

  /** What is entered next; lines that end in `\` with the one that does not. */
  async read(): Promise<Entry | undefined> {
    let text = "";
    for (;;) {
      const prompt = text === ""
        ? () => this.#prompter?.prompt ?? ""
        : () => this.#options.speaker.say("promptMore");
      const line = await this.#next(prompt, { isQuestion: false });
      if (line === undefined) return undefined;
      if (!continuesLine(line)) return { text: text + line };
      text += line.slice(0, -1) + "\n";
    }
  }

  /** Nothing is pasted here: a terminal without marks does not tell. */
  giveBack(): void {}

  /** Shows lines, below the prompt if one stands there; it is printed again. */
  show(...lines: Line[]): void {
    const { columns } = this.#terminal.size();
    const rows = lines.flatMap((line) => wrapLine(line, columns));
    const text = rows.map((row) => paint(row) + "\n").join("");
    this.#write((this.#isPrompted ? "\n" : "") + text);
    this.#isPrompted = false;
    this.#prompt();
  }

  /** Asks for a line. */
  ask(question: string): Promise<string | undefined> {
    return this.#next(() => question);
  }

  /** Asks without showing what is typed. */
  askSecret(question: string): Promise<string | undefined> {
    return this.#next(() => question, { secret: new SecretLine() });
  }

  /** Asks for a yes; every other answer means no. */
  async confirm(question: string): Promise<boolean> {
    return isYes(await this.ask(question));
  }

  /** Rings. */
  ring(): void {
    this.#write("\x07");
  }

  /** The prompt stays as it was printed. */
  refresh(): void {}

  /** The terminal breaks its lines itself. */
  resized(): void {}

  /** Prints the prompt again. */
  resume(): void {
    this.#isPrompted = false;
    if (this.#waiters[0]?.secret !== undefined) this.#options.setRaw(true);
    this.#prompt();
  }

  /** The terminal is given to nobody. */
  readonly away: undefined = undefined;

  /** Takes what the terminal sent. */
  feed(bytes: Uint8Array): undefined {
    if (this.#waiters[0]?.secret !== undefined) {
      this.#keys.feed(bytes);
      return;
    }
    const lines = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split(/\r?\n/);
    this.#rest = lines.pop()!;
    this.#lines.push(...lines);
    this.#deal();
  }

  /**
   * See {@linkcode ConsoleUi.interrupt}. The terminal itself has dropped what was typed of the line. A question gets no
   * answer; else the first one says how to leave, and the second one leaves. Before the chat has begun, each leaves.
   */
  interrupt(): boolean {
    if (this.#prompter === undefined) return true;
    const { clock = systemClock, speaker } = this.#options;
    const now = clock.monotonicMs();
    if (now - this.#interruptMs < SAME_WISH_MS) return false;
    this.#interruptMs = now;
    if (this.#waiters[0]?.isQuestion) {
      this.#write("\n");
      this.#settle(undefined);
      this.#deal();
      return false;
    }
    if (now - this.#warnedMs < LEAVE_MS) return true;
    this.#warnedMs = now;
    this.show(line("info", speaker.say("ctrlC"), "faint"));
    return false;
  }

  /** No more input. */
  end(): void {
    this.#ended.abort();
    // Neither Ctrl-C nor Ctrl-D has ended the row of the prompt.
    if (this.#isPrompted && this.#waiters[0]?.secret === undefined) this.#write("\n");
    while (this.#waiters.length > 0) this.#settle(undefined);
  }

  /** Gives the terminal back. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#options.setRaw(false);
    if (this.#isPrompted) this.#write("\n");
  }

  #next(
    prompt: () => string,
    { secret, isQuestion = true }: { secret?: SecretLine; isQuestion?: boolean } = {},
  ): Promise<string | undefined> {
    if (this.ended.aborted) return Promise.resolve(undefined);
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    const waiter = { prompt, secret, isQuestion, resolve };
    // A question goes before the next command, for which somebody may wait already.
    this.#waiters.push(waiter);
    this.#deal();
    return promise;
  }

  /** Gives lines to those who wait. */
  #deal(): void {
    for (;;) {
      const [waiter] = this.#waiters;
      if (waiter === undefined || waiter.secret !== undefined || this.#lines.length === 0) break;
      this.#settle(this.#lines.shift());
    }
    this.#options.setRaw(this.#waiters[0]?.secret !== undefined);
    this.#prompt();
  }

  #settle(line: string | undefined): void {
    const waiter = this.#waiters.shift();
    if (waiter?.secret !== undefined) {
      this.#write("\n");
      this.#options.setRaw(false);
    }
    this.#isPrompted = false;
    waiter?.resolve(line);
  }

  /** Prints the prompt soon, once for all that is shown in this turn. */
  #prompt(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const [waiter] = this.#waiters;
      if (waiter === undefined || this.#isPrompted) return;
      this.#isPrompted = true;
      this.#write(waiter.prompt());
    }, 0);
  }

  #write(text: string): void {
    // In raw mode the terminal does not return to the left edge by itself.
    this.#terminal.write(text.replaceAll("\n", "\r\n"));
  }
}
