/**
 * What the console needs of a terminal, be it one that can be painted on or a dumb one.
 *
 * @module
 */

import type { Line } from "../chat/styled_line.ts";
import type { Ui } from "../chat/ui.ts";
import type { CompletionSources } from "./completion.ts";
import type { Entry } from "./draft.ts";
import type { InputHistory } from "./input_history.ts";

/** A conversation from its end back. */
export interface PageSource {
  /** The conversation. */
  readonly name: string;
  /** Whether there is nothing older. */
  readonly isWhole: boolean;
  /**
   * The page before those that were given; the first time the last one.
   *
   * @returns Nothing if there is none; why is told then, unless all is given already.
   */
  older(): Promise<readonly Line[] | undefined>;
}

/** What the input line needs to know of the chat. */
export interface Prompter {
  /** What stands before the input. */
  readonly prompt: string;
  /**
   * Where a line goes that is no command: the name of the open conversation, folded; empty if none is open. What is being
   * typed belongs to it: when this changes, {@linkcode ConsoleUi} puts the draft aside and brings the one of the other.
   *
   * @default {""}
   */
  readonly conversation?: string;
  /** Whether a line that was entered is shown as a message later, so that its echo goes. */
  readonly isMessage: (line: string) => boolean;
  /** Whether an entered line, whole, may be kept on disk. */
  readonly mayKeep?: (line: string) => boolean;
  /** Told of the line, whole, at each change; empty when it was entered or cleared. */
  readonly onLine?: (line: string) => void;
  /**
   * What stands in the row below the input, if anything does.
   *
   * @param columns How many columns it may have.
   */
  readonly state?: (columns: number) => Line;
  /** The title of the terminal's window. */
  readonly title?: string;
  /** What Page Up pages through; nothing if there is no conversation. */
  readonly pages?: () => PageSource | undefined;
  /** Alt and a digit were pressed: the conversation of that number, 1–9, is asked for. */
  readonly onNumber?: (number: number) => void;
  /** Ctrl-N or Ctrl-P was pressed: the next conversation, or the one before, is asked for. */
  readonly onStep?: (step: 1 | -1) => void;
  /** Alt-A was pressed: the next conversation with something unread is asked for. */
  readonly onUnread?: () => void;
  /** What Tab knows. */
  readonly sources: CompletionSources;
}

/** Whose chat begins. */
export interface StartOptions {
  /** Where the typed lines are kept; nowhere if it is missing. */
  readonly inputHistory?: InputHistory | undefined;
  /**
   * Whether what was begun in other conversations is still there, since only the person's name is another one.
   *
   * @default {false}
   */
  readonly keepsDrafts?: boolean;
}

/** A person at a terminal. */
export interface ConsoleUi extends Ui {
  /** Aborted when the person wants to leave. */
  readonly ended: AbortSignal;
  /** From now on lines are taken for a chat. */
  start(prompter: Prompter, options?: StartOptions): void;
  /** Until the next start, keys are for questions only. */
  pause(): void;
  /** What is entered next; `undefined` when the person wants to leave. */
  read(): Promise<Entry | undefined>;
  /** Takes back what `read` gave and was not used. */
  giveBack(entry: Entry): void;
  /**
   * Takes what the terminal sent.
   *
   * @returns If that has given the terminal to another program, resolves when it is back: until then nothing may be read.
   */
  feed(bytes: Uint8Array): Promise<void> | undefined;
  /** While another program that this one has started has the terminal; resolves when that is over. */
  readonly away: Promise<void> | undefined;
  /** Ctrl-C has come as a signal, not as a key; whether the person asks to leave by that. */
  interrupt(): boolean;
  /** No more input: the terminal has gone, or the person leaves. */
  end(): void;
  /** The terminal has another size. */
  resized(): void;
  /** The program was stopped and goes on: others may have changed what the terminal shows, and its modes. */
  resume(): void;
  /** Gives the terminal back. */
  stop(): void;
}
