/**
 * What a command of the chat is: a table row that carries its own help.
 *
 * @module
 */

import type { Speaker, TextKey } from "../../texts/texts.ts";
import type { Chat } from "../chat.ts";

/** One command. */
export interface ChatCommand {
  /** Its first word. */
  readonly name: string;
  /** Its first word in Russian. All of its words work in every language. */
  readonly russian: string;
  /** Other words for it. */
  readonly aliases: readonly string[];
  /** Its arguments as the help shows them; those in brackets may be left out. */
  readonly usage: string;
  /** One line for the help. */
  readonly help: TextKey;
  /** More of it, for `help COMMAND`. */
  readonly more?: TextKey;
  /**
   * Whether the table of all commands, which has to fit one screen, only names it below; `help COMMAND` tells the rest.
   *
   * @default {false}
   */
  readonly isRare?: boolean;
  /**
   * The name of the command in whose help it is listed, instead of in the table of all: for what few people need, so that
   * the table stays on one screen.
   */
  readonly under?: string;
  /** Whether it asks a person, so that it is refused where none is. @default {false} */
  readonly needsPerson?: boolean;
  /**
   * Carries it out. Resolves when no more questions are to be asked; the server's answer may come later.
   *
   * @param rest What stood behind the command.
   */
  run(chat: Chat, rest: string): void | Promise<void>;
  /**
   * What Tab has to offer for the next word, where that is not what {@linkcode ChatCommand.usage} says.
   *
   * @param rest What stands behind the command and before that word.
   * @returns Nothing where it is the names of users and rooms.
   */
  complete?(chat: Chat, rest: string): readonly string[] | undefined;
}

/** The word by which a command goes in a language. */
export function wordOf({ name, russian }: ChatCommand, { language }: Speaker): string {
  return language === "ru" ? russian : name;
}
