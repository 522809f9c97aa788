/**
 * What a command of the chat is: a table row that carries its own help.
 *
 * @module
 */

import type { TextKey } from "../../texts/texts.ts";
import type { Chat } from "../chat.ts";

/** One command. */
export interface ChatCommand {
  /** Its first word. */
  readonly name: string;
  /** Other words for it. */
  readonly aliases: readonly string[];
  /** Its arguments as the help shows them; those in brackets may be left out. */
  readonly usage: string;
  /** One line for the help. */
  readonly help: TextKey;
  /** More of it, for `help COMMAND`. */
  readonly more?: TextKey;
  /**
   * Carries it out. Resolves when no more questions are to be asked; the server's answer may come later.
   *
   * @param rest What stood behind the command.
   */
  run(chat: Chat, rest: string): void | Promise<void>;
}
