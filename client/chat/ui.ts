/**
 * What a chat needs of the place where it is read and written: a terminal or a pipe.
 *
 * @module
 */

import type { Line } from "./styled_line.ts";

/** A place to talk to a person or to a program that plays one. */
export interface Ui {
  /** Whether a person is there: who can be asked to confirm, to try another name, for a password. */
  readonly isInteractive: boolean;
  /** Whether lines come from a script: whoever wrote the next one has not heard a question. */
  readonly isScript?: boolean;
  /** Whether a prompt is on the screen all the time and shows what changes in it. @default {false} */
  readonly repaintsPrompt?: boolean;
  /** How many columns a line may have to be read without a break; nothing where lines have no width. */
  readonly columns?: number | undefined;
  /** Shows lines, in order. */
  show(...lines: Line[]): void;
  /**
   * Asks for a line.
   *
   * @returns The answer as it was typed; `undefined` if there is none: cancelled, or the input has ended.
   */
  ask(question: string): Promise<string | undefined>;
  /** Asks for a secret, which is neither shown nor kept; `undefined` also where nobody can be asked. */
  askSecret(question: string): Promise<string | undefined>;
  /** Asks for yes or no; `false` where nobody can be asked. */
  confirm(question: string): Promise<boolean>;
  /**
   * Puts a text into the input, to be changed there, with the command before it that it is for; that is empty for a
   * message.
   *
   * @returns Whether it is there: not if something else is being typed.
   */
  prefill?(command: string, text: string): boolean;
  /** Makes the terminal ring. */
  ring(): void;
  /** Shows a notification outside the chat, where there is such a thing; the text need not be safe to print. */
  notify?(form: "osc9" | "osc777", text: string): void;
  /** Whether somebody is looking, as far as that is known. @default {false} */
  readonly isWatched?: boolean;
  /** Something in the prompt has changed. */
  refresh(): void;
}
