/**
 * A terminal as the place of a chat.
 *
 * @module
 */

import { type Clock, systemClock } from "../../common/clock.ts";
import { mayRemember } from "../chat/input.ts";
import { errorLine, type Line, line, paint } from "../chat/styled_line.ts";
import type { Theme } from "../chat/theme.ts";
import type { Speaker } from "../texts/texts.ts";
import type { ConsoleUi, Prompter, StartOptions } from "./console_ui.ts";
import { Draft, type Entry } from "./draft.ts";
import { editFailureWords, type ExternalEditor } from "./external_editor.ts";
import { EditSession } from "./edit_session.ts";
import { Gaze } from "./gaze.ts";
import { isAltA, type Key, KeyDecoder } from "./keys.ts";
import type { InputState } from "./layout.ts";
import { KillRing } from "./kill_ring.ts";
import { HistoryView } from "./history_view.ts";
import { LineEditor } from "./line_editor.ts";
import { notification, type NotificationForm } from "./notification.ts";
import { pastedLines } from "./pasted_lines.ts";
import { isNo, isYes, Question } from "./question.ts";
import { RowMotion } from "./row_motion.ts";
import { Screen, type Terminal } from "./screen.ts";
import { SecretLine } from "./secret_line.ts";
import { TabCompletion } from "./tab_completion.ts";
import { Title } from "./title.ts";
import { TypedSearch } from "./typed_search.ts";
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
  /**
   * The editor that Ctrl-X Ctrl-E opens.
   *
   * @default {undefined} Ctrl-X Ctrl-E does nothing.
   */
  editor?: Pick<ExternalEditor, "missing" | "edit"> | undefined;
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
  readonly #search: TypedSearch;
  readonly #editing = new EditSession();
  #isFeeding = false;
  readonly #view: HistoryView;
  readonly #rows = new RowMotion();
  readonly #kills = new KillRing();

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
    this.#draft = new Draft(new LineEditor({ mayRemember, kills: this.#kills }));
    this.#search = new TypedSearch(this.#draft);
    this.#view = new HistoryView(terminal, {
      ...options,
      onOpen: () => this.#screen.hold(() => this.#view.close()),
      onClose: () => this.#screen.release(),
    });
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
    }, options.clock);
    terminal.write(MODES_ON + this.#title.begin());
  }

  /** Gives the terminal back. */
  stop(): void {
    this.#view.close();
    this.#prompter = undefined;
    this.#questions = [];
    this.#keys.stop();
    this.#screen.end();
    this.#terminal.write(MODES_OFF + this.#title.end());
  }

  /** See {@linkcode ConsoleUi.start}. */
  start(prompter: Prompter, { inputHistory, keepsDrafts = false }: StartOptions = {}): void {
    this.#prompter = prompter;
    if (!keepsDrafts) this.#draft.forgetOthers();
    if (inputHistory !== undefined) {
      this.#draft.editor.useInputHistory(inputHistory.lines, ([line]) => {
        if (line !== undefined && prompter.mayKeep?.(line) !== false) inputHistory.add(line);
      });
    }
    this.refresh();
  }

  /** Until the next start, keys are for questions only. */
  pause(): void {
    this.#view.close();
    this.#prompter = undefined;
    this.#reader = undefined;
    this.refresh();
  }

  /** Takes what the terminal sent. */
  feed(bytes: Uint8Array): Promise<void> | undefined {
    this.#isFeeding = true;
    this.#keys.feed(bytes);
    this.#isFeeding = false;
    return this.#editing.running;
  }

  /** See {@linkcode ConsoleUi.away}. */
  get away(): Promise<void> | undefined {
    return this.#editing.running;
  }

  /** See {@linkcode ConsoleUi.interrupt}. While an editor has the terminal, it is for what that runs. */
  interrupt(): boolean {
    return this.away === undefined;
  }

  /** Aborted when the person wants to leave. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** No more input: the terminal has gone, or the person leaves. */
  end(): void {
    if (this.#editing.running !== undefined) {
      this.#editing.end();
      this.#editing.running.then(() => this.end());
      return;
    }
    this.#ended.abort();
    this.#keysAhead = [];
    while (this.#question !== undefined) this.#answer(undefined);
    this.#put(undefined);
  }

  /** The program was stopped and goes on: others may have changed what the terminal shows, and its modes. */
  resume(): void {
    this.#view.close();
    this.#terminal.write(MODES_ON + this.#title.begin());
    this.#screen.takeOver();
  }

  /** Says that Ctrl-Z does nothing. */
  refuseSuspend(): void {
    this.show(line("info", this.#options.speaker.say("noSuspend"), "faint"));
  }

  /** The terminal has another size. */
  resized(): void {
    this.#view.resized();
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
    this.#view.note(lines.length);
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
    return this.#ask(new Question(question, new LineEditor({ kills: this.#kills })));
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

  /** Paints the prompt anew, with what is being written in the conversation that is open now. */
  refresh(): void {
    this.#followConversation();
    this.#screen.refresh();
  }

  #followConversation(): void {
    // What is in the editor belongs to the conversation in which it was opened.
    if (this.#prompter === undefined || this.#editing.running !== undefined) return;
    const { conversation = "" } = this.#prompter;
    const switched = this.#draft.switchTo(conversation);
    if (switched === undefined) return;
    this.#search.stop();
    this.#tab.reset();
    this.#prompter.onLine?.("");
    this.#tellLine();
    // A person who turns to another conversation knows; one whom a room has lost wonders.
    if (switched.isKept && conversation === "") {
      this.show(line("info", this.#options.speaker.say("draftKept"), "faint"));
    }
  }

  #ask(question: Question): Promise<string | undefined> {
    if (this.ended.aborted) return Promise.resolve(undefined);
    this.#view.close();
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
    const state = this.#inputState();
    const more = this.#options.speaker.say("promptMore");
    return state && { ...state, more, below: this.#below() };
  }

  #inputState(): InputState | undefined {
    if (this.#question !== undefined) return this.#question.input;
    if (this.#prompter === undefined) return undefined;
    const { say } = this.#options.speaker;
    const { text, cursor } = this.#draft.editor;
    return this.#search.input((query, isFailing) =>
      say(isFailing ? "notTyped" : "typed", { query })
    ) ??
      { prompt: this.#prompter.prompt, text, cursor };
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
    if (this.#view.press(text, key)) return;
    if (!isInterrupt(key)) this.#wasInterrupted = false;
    if (key.name !== "tab") this.#tab.reset();
    const question = this.#question;
    const field = question?.field ?? this.#draft.editor;
    if (question === undefined && this.#prompter !== undefined && this.#search.press(text, key)) {
      // It is done.
    } else if (this.#editing.isAskedFor(key) && question === undefined) {
      this.#openEditor();
    } else if (isInterrupt(key)) {
      this.#interrupt();
    } else if (isCtrl("z")) {
      this.#suspend();
    } else if (isCtrl("l")) {
      this.#screen.clear();
    } else if (key.name === "newline" && !question?.isOneLine) {
      if (question === undefined) this.#draft.breakLine();
      else question.field.insert("\n");
    } else if (key.name === "return" || key.name === "newline") {
      if (question === undefined) this.#enter();
      else this.#enterAnswer(question);
    } else if (isCtrl("d") && field.text === "") {
      if (question === undefined) this.end();
      else this.#cancel();
    } else if (key.name === "tab" && !key.shift) {
      if (question === undefined) this.#complete();
    } else if (key.name === "pageup") {
      if (question === undefined) this.#pageUp();
    } else if (key.meta && /^[1-9]$/.test(key.name ?? "")) {
      if (question === undefined) this.#prompter?.onNumber?.(Number(key.name));
    } else if (isAltA(key)) {
      if (question === undefined) this.#prompter?.onUnread?.();
    } else if (isCtrl("n") || isCtrl("p")) {
      if (question === undefined) this.#prompter?.onStep?.(isCtrl("n") ? 1 : -1);
    } else if (key.name === "tab" || key.name === "escape") {
      // Nothing to be done, and nothing to be typed.
    } else if (!this.#moveByRow(field, key)) {
      field.press(text, key);
    }
    this.#tellLine();
    this.refresh();
  }

  #pageUp(): void {
    const source = this.#prompter?.pages?.();
    if (source !== undefined) this.#view.open(source);
  }

  /** ↑ and ↓ go from row to row first; once they have left the text for the input history, they go on there. */
  #moveByRow(field: LineEditor | SecretLine, key: Key): boolean {
    const state = this.#input();
    if (!(field instanceof LineEditor) || field.isWalking || state === undefined) {
      this.#rows.reset();
      return false;
    }
    const cursor = this.#rows.press(key, state, this.#terminal.size().columns);
    if (cursor !== undefined) field.moveTo(cursor);
    return cursor !== undefined;
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

  /** Hands the terminal to the person's own editor; what they leave in it is the draft then. */
  #openEditor(): void {
    const { editor, speaker: { say } } = this.#options;
    if (editor === undefined || this.#prompter === undefined) return;
    const { missing: flags } = editor;
    if (flags !== undefined) {
      this.show(errorLine(say("editorNeeds", { flags })));
      return;
    }
    // Outside of `feed` somebody is reading keys, and would take the first one from the editor.
    if (!this.#isFeeding) {
      this.ring();
      return;
    }
    this.#screen.commit(false);
    this.#screen.hold();
    this.#terminal.write(MODES_OFF + this.#title.end());
    this.#editing.begin((signal) => editor.edit(this.#draft.text, signal), (outcome) => {
      this.resume();
      if ("text" in outcome) this.#takeEdited(outcome.text);
      else this.show(errorLine(editFailureWords(outcome, this.#options.speaker)));
      this.#tellLine();
      this.refresh();
      this.#pump();
    });
  }

  /** If the chat has ended meanwhile, what was written stays to be copied. */
  #takeEdited(text: string): void {
    if (this.#prompter !== undefined) this.#draft.take({ text, cursor: text.length });
    else this.show(...text.split("\n").map((row) => line("info", row)));
  }

  #enterAnswer(question: Question): void {
    this.#screen.commit(true);
    const { field, isConfirmation } = question;
    this.#answer(isConfirmation ? field.text : field.take());
  }

  #enter(): void {
    if (this.#prompter === undefined) return;
    const { goesOn, text } = this.#draft;
    if (!goesOn) this.#screen.commit(!this.#prompter.isMessage(text));
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
    if (this.#editing.running !== undefined) return false;
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
    this.#view.close();
    const lines = pastedLines(pasted);
    const question = this.#question;
    this.#tab.reset();
    if (question === undefined && this.#search.paste(lines[0]!)) {
      // It is looked for.
    } else if (question?.isSecret) {
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
