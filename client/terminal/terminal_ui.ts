/**
 * A terminal as the place of a chat.
 *
 * @module
 */

import { type Clock, systemClock } from "../../common/clock.ts";
import { mayRemember } from "../chat/input.ts";
import { type Line, line, paint } from "../chat/styled_line.ts";
import type { Theme } from "../chat/theme.ts";
import type { Speaker } from "../texts/texts.ts";
import type { ConsoleUi, Prompter } from "./console_ui.ts";
import { Draft, type Entry } from "./draft.ts";
import { Gaze } from "./gaze.ts";
import type { InputHistory } from "./input_history.ts";
import { type Key, KeyDecoder } from "./keys.ts";
import type { InputState } from "./layout.ts";
import { LineEditor } from "./line_editor.ts";
import { notification, type NotificationForm } from "./notification.ts";
import { pastedLines } from "./pasted_lines.ts";
import { isNo, isYes, Question } from "./question.ts";
import { Screen, type Terminal } from "./screen.ts";
import { SecretLine } from "./secret_line.ts";
import { TabCompletion } from "./tab_completion.ts";
import { Title } from "./title.ts";
import { wrapLine } from "./wrap.ts";

/** How a {@linkcode TerminalUi} behaves. */
export interface TerminalUiOptions {
  /** The language. */
  speaker: Speaker;
  /**
   * The look.
   *
   * @default {undefined} There are no colours.
   */
  theme?: Theme | undefined;
  /**
   * Stops the program as Ctrl-Z does; the terminal's modes have to be given back before. {@linkcode TerminalUi.resume}
   * follows.
   *
   * @default {undefined} Ctrl-Z does nothing.
   */
  suspend?: (() => void) | undefined;
  /** Whether what is for the terminal around it goes through tmux. @default {false} */
  isTmux?: boolean;
  /** Where time comes from. @default {systemClock} */
  clock?: Clock;
}

/** Pastes with marks (2004) and reports of the focus (1004). */
const MODES_ON = "\x1b[?2004h\x1b[?1004h";
const MODES_OFF = "\x1b[?1004l\x1b[?2004l";

/**
 * The input line of a terminal, with questions in between.
 *
 * Guarantees:
 * 1. What is shown meanwhile never changes what is typed.
 * 2. A secret is neither shown, nor in the input history, nor in the editor's memory of deleted text.
 */
export class TerminalUi implements ConsoleUi {
  /** A person is there. */
  readonly isInteractive = true;
  /** See {@linkcode Ui.repaintsPrompt}. */
  readonly repaintsPrompt = true;
  readonly #terminal: Terminal;
  readonly #options: TerminalUiOptions;
  readonly #draft: Draft;
  readonly #screen: Screen;
  readonly #keys: KeyDecoder;
  #prompter: Prompter | undefined;
  /** The open question, and those that wait for their turn. */
  #questions: Question[] = [];
  #reader: ((entry: Entry | undefined) => void) | undefined;
  readonly #ended = new AbortController();
  /** Keys that wait until it is known what they are for: the next command, or the answer to a question. */
  #keysAhead: (() => void)[] = [];
  #wasInterrupted = false;
  readonly #tab = new TabCompletion();
  readonly #gaze: Gaze;
  readonly #title = new Title();

  /**
   * Takes the terminal over; it must be in raw mode.
   *
   * @param terminal Where to write.
   * @param options See {@linkcode TerminalUiOptions}.
   */
  constructor(terminal: Terminal, options: TerminalUiOptions) {
    this.#terminal = terminal;
    this.#options = options;
    this.#gaze = new Gaze(options.clock ?? systemClock);
    this.#draft = new Draft(
      new LineEditor({
        // A line that goes on may be a command whose password stands in the next one.
        mayRemember: (line) => mayRemember(this.#draft.before + line),
      }),
    );
    this.#screen = new Screen(
      terminal,
      () => this.#input(),
      () => this.#title.change(this.#prompter?.title),
    );
    this.#keys = new KeyDecoder({
      onKey: (text, key) => this.#handle(() => this.#onKey(text, key), isInterrupt(key)),
      onPaste: (text) => this.#handle(() => this.#onPaste(text), false),
      onColumn: (column) => this.#screen.reportColumn(column),
      onFocus: (isFocused) => this.#gaze.focus(isFocused),
    });
    terminal.write(MODES_ON + this.#title.begin());
  }

  /** Gives the terminal back. */
  stop(): void {
    this.#prompter = undefined;
    this.#questions = [];
    this.#screen.end();
    this.#terminal.write(MODES_OFF + this.#title.end());
  }

  /**
   * From now on lines are taken for a chat.
   *
   * @param inputHistory Where the typed lines are kept, if anywhere.
   */
  start(prompter: Prompter, inputHistory?: InputHistory): void {
    this.#prompter = prompter;
    if (inputHistory !== undefined) {
      this.#draft.editor.useInputHistory(inputHistory.lines, ([line]) => {
        const isKept = line !== undefined &&
          prompter.mayKeep?.(this.#draft.before + line) !== false;
        if (isKept) inputHistory.add(line);
      });
    }
    this.refresh();
  }

  /** Until the next start, keys are for questions only. */
  pause(): void {
    this.#prompter = undefined;
    this.#reader = undefined;
    this.refresh();
  }

  /** Takes what the terminal sent. */
  feed(bytes: Uint8Array): void {
    this.#keys.feed(bytes);
  }

  /** Aborted when the person wants to leave. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** No more input: the terminal has gone, or the person leaves. */
  end(): void {
    this.#ended.abort();
    this.#keysAhead = [];
    while (this.#question !== undefined) this.#answer(undefined);
    this.#put(undefined);
  }

  /** The program was stopped and goes on: others may have changed what the terminal shows, and its modes. */
  resume(): void {
    this.#terminal.write(MODES_ON + this.#title.begin());
    this.#screen.takeOver();
  }

  /** Says that Ctrl-Z does nothing. */
  refuseSuspend(): void {
    this.show(line("info", this.#options.speaker.say("noSuspend"), "faint"));
  }

  /** The terminal has another size. */
  resized(): void {
    this.#screen.flush();
  }

  /** What is entered next; `undefined` when the person wants to leave. */
  read(): Promise<Entry | undefined> {
    if (this.ended.aborted) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#reader = resolve;
      this.#pump();
    });
  }

  /** The width of the terminal; its last column stays free, since there terminals differ. */
  get columns(): number {
    return this.#terminal.size().columns - 1;
  }

  /** Shows lines above the input, broken to the width that the terminal has now. */
  show(...lines: Line[]): void {
    const { columns } = this.#terminal.size();
    for (const row of lines.flatMap((line) => wrapLine(line, columns))) {
      this.#screen.print(paint(row, this.#options.theme));
    }
  }

  /** Takes back what {@linkcode TerminalUi.read} gave and was not used: it is in the input again. */
  giveBack(entry: Entry): void {
    this.#draft.giveBack(entry);
    this.refresh();
  }

  /** Asks in the place of the prompt; questions that come at once are asked one after the other. */
  ask(question: string): Promise<string | undefined> {
    const { editor, text } = this.#draft;
    return this.#ask(new Question(question, text === "" ? editor : new LineEditor()));
  }

  /** Asks without showing what is typed. */
  askSecret(question: string): Promise<string | undefined> {
    return this.#ask(new Question(question, new SecretLine()));
  }

  /** Asks for a yes; every other answer means no. What is no answer at all goes into the input. */
  async confirm(question: string): Promise<boolean> {
    const answer = await this.#ask(new Question(question, new LineEditor(), true));
    if (!isYes(answer) && !isNo(answer)) this.#draft.insert(answer!);
    return isYes(answer);
  }

  /** Puts a command with its text into the input, unless something is being typed. */
  prefill(command: string, text: string): boolean {
    if (this.#draft.text !== "") return false;
    this.#draft.fill(command + text);
    this.#tellLine();
    this.refresh();
    return true;
  }

  /** Makes the terminal ring. */
  ring(): void {
    this.#screen.signal("\x07");
  }

  /** Has the terminal show a notification. */
  notify(form: NotificationForm, text: string): void {
    this.#screen.signal(notification(form, text, this.#options.isTmux));
  }

  /** Whether somebody is looking. */
  get isWatched(): boolean {
    return this.#gaze.isHere;
  }

  /** Paints the prompt anew. */
  refresh(): void {
    this.#screen.refresh();
  }

  #ask(question: Question): Promise<string | undefined> {
    if (this.ended.aborted) return Promise.resolve(undefined);
    this.#questions.push(question);
    this.refresh();
    this.#pump();
    return question.answer;
  }

  get #question(): Question | undefined {
    return this.#questions[0];
  }

  #answer(text: string | undefined): void {
    this.#questions.shift()?.resolve(text);
  }

  #input(): InputState | undefined {
    const below = this.#below();
    if (this.#question !== undefined) return { ...this.#question.input, below };
    if (this.#prompter === undefined) return undefined;
    const { editor: { text, cursor }, isContinued } = this.#draft;
    const more = this.#options.speaker.say("promptMore");
    return { prompt: isContinued ? more : this.#prompter.prompt, text, cursor, below };
  }

  /** The row of state, as the terminal gets it. */
  #below(): string | undefined {
    const { columns } = this.#terminal.size();
    const state = this.#prompter?.state?.(columns - 1);
    return state && wrapLine(state, columns).map((row) => paint(row, this.#options.theme)).join();
  }

  #onKey(text: string | undefined, key: Key): void {
    const isCtrl = (name: string): boolean => key.ctrl === true && key.name === name;
    this.#gaze.key();
    if (!isInterrupt(key)) this.#wasInterrupted = false;
    if (key.name !== "tab") this.#tab.reset();
    const question = this.#question;
    const field = question?.field ?? this.#draft.editor;
    if (isInterrupt(key)) {
      this.#interrupt();
    } else if (isCtrl("z")) {
      this.#suspend();
    } else if (isCtrl("l")) {
      this.#screen.clear();
    } else if (key.name === "return" || key.name === "enter") {
      if (question === undefined) this.#enter();
      else this.#enterAnswer(question);
    } else if (isCtrl("d") && field.text === "") {
      if (question === undefined) this.end();
      else this.#cancel();
    } else if (key.name === "tab" && !key.shift) {
      if (question === undefined) this.#complete();
    } else if (key.name === "pageup") {
      if (question === undefined) this.#prompter?.onPageUp?.();
    } else if (key.meta && /^[1-9]$/.test(key.name ?? "")) {
      if (question === undefined) this.#prompter?.onNumber?.(Number(key.name));
    } else if (isCtrl("n") || isCtrl("p")) {
      if (question === undefined) this.#prompter?.onStep?.(isCtrl("n") ? 1 : -1);
    } else if (key.name === "tab" || key.name === "escape") {
      // Nothing to be done, and nothing to be typed.
    } else {
      field.press(text, key);
    }
    this.#tellLine();
    this.refresh();
  }

  /** What is typed for a question is no line of the chat. */
  #tellLine(): void {
    if (this.#question === undefined) this.#prompter?.onLine?.(this.#draft.text);
  }

  /** Leaves what is typed to be read, and the shell a line of its own. */
  #suspend(): void {
    const { suspend } = this.#options;
    if (suspend === undefined) {
      this.refuseSuspend();
      return;
    }
    this.#screen.commit(true);
    this.#screen.hold();
    this.#terminal.write(MODES_OFF + this.#title.end());
    suspend();
  }

  #enterAnswer(question: Question): void {
    this.#screen.commit(true);
    const { field, isConfirmation } = question;
    this.#answer(isConfirmation ? field.text : field.take());
  }

  #enter(): void {
    if (this.#prompter === undefined) return;
    const { goesOn, text } = this.#draft;
    this.#screen.commit(goesOn || !this.#prompter.isMessage(text));
    const entry = this.#draft.enter();
    if (entry !== undefined) this.#put(entry);
  }

  #put(entry: Entry | undefined): void {
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.(entry);
  }

  #handle(action: () => void, isInterrupt: boolean): void {
    if (isInterrupt && this.#prompter === undefined && !this.#isReady) this.end();
    this.#keysAhead.push(action);
    this.#pump();
  }

  get #isReady(): boolean {
    return this.#question !== undefined || this.#reader !== undefined;
  }

  #pump(): void {
    while (this.#isReady) {
      const action = this.#keysAhead.shift();
      if (action === undefined) break;
      action();
    }
  }

  #interrupt(): void {
    if (this.#question !== undefined) {
      this.#cancel();
    } else if (this.#draft.text !== "") {
      this.#draft.clear();
      this.#wasInterrupted = false;
    } else if (this.#wasInterrupted || this.#prompter === undefined) {
      this.end();
    } else {
      this.#wasInterrupted = true;
      this.show(line("info", this.#options.speaker.say("ctrlC"), "faint"));
    }
  }

  /** No answer to the question; before the chat has begun, that means to leave. */
  #cancel(): void {
    this.#screen.commit(true);
    const { isConfirmation, field } = this.#question!;
    const typed = field.text;
    if (field instanceof LineEditor) field.clear();
    if (this.#prompter === undefined) this.end();
    else this.#answer(isConfirmation && !isYes(typed) ? typed : undefined);
  }

  #onPaste(pasted: string): void {
    const lines = pastedLines(pasted);
    const question = this.#question;
    this.#tab.reset();
    if (question?.isSecret) {
      question.field.insert(lines[0]!);
    } else if (question?.isConfirmation) {
      question.field.insert(lines.join("\n"));
    } else if (question !== undefined || lines.length === 1 || this.#prompter === undefined) {
      (question?.field ?? this.#draft.editor).insert(lines.join(" "));
    } else {
      const entry = this.#draft.paste(lines);
      this.#prompter.onLine?.(entry.text);
      this.#put(entry);
    }
    this.#tellLine();
    this.refresh();
  }

  #complete(): void {
    if (this.#prompter === undefined) return;
    const choices = this.#tab.press(this.#draft.editor, this.#prompter.sources);
    if (choices.length > 0) this.show(line("info", choices.join("  "), "faint"));
  }
}

function isInterrupt(key: Key): boolean {
  return key.ctrl === true && key.name === "c";
}
