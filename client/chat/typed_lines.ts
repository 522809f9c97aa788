/**
 * What a person types, carried out.
 *
 * @module
 */

import type { Chat } from "./chat.ts";
import { wordOf } from "./commands/command.ts";
import { findCommand } from "./commands/commands.ts";
import { closestCommand, unknownCommand } from "./commands/help.ts";
import {
  type Input,
  mayRemember,
  readInput,
  splitWord,
  withoutSlash,
  type Words,
} from "./input.ts";

/** Carries out lines. What looks like a command goes out as a message only if the person says so. */
export class TypedLines {
  readonly #chat: Chat;

  /** See {@linkcode Chat}, for which it works. */
  constructor(chat: Chat) {
    this.#chat = chat;
  }

  /** Carries out a line of input. Resolves when the next line may be read. */
  async handle(typed: string): Promise<void> {
    const input = this.#read(typed);
    switch (input.kind) {
      case "nothing":
        break;
      case "message":
        this.#chat.send(input.to, input.text);
        break;
      case "command":
        await this.#command(input);
        break;
      case "doubtful":
        await this.#sendDoubtful(input.to, input.text);
        break;
    }
  }

  /** Whether a line is a message or a command that there is: what else it may be, nobody knows, a password perhaps. */
  isUnderstood(typed: string): boolean {
    const input = this.#read(typed);
    if (input.kind !== "command") return input.kind === "message";
    const { word, rest } = this.#chat.aliases.expand(input);
    return findCommand(word) !== undefined && mayRemember(`${word} ${rest}`);
  }

  /** Whether a line is the command `reply`. */
  isReply(typed: string): boolean {
    const input = this.#read(typed);
    if (input.kind !== "command") return false;
    return findCommand(this.#chat.aliases.expand(input).word)?.name === "reply";
  }

  #read(typed: string): Input {
    const { conversations: { current: to }, aliases } = this.#chat;
    const isCommand = (word: string): boolean =>
      findCommand(word) !== undefined || aliases.find(word) !== undefined;
    return readInput(typed, { to, isCommand });
  }

  async #command(words: Words): Promise<void> {
    const chat = this.#chat;
    const { word, rest } = chat.aliases.expand(words);
    const command = findCommand(word);
    if (command === undefined) {
      chat.ui.show(unknownCommand(word, chat.speaker));
    } else if (command.usage === "" && rest.trim() !== "") {
      chat.fail("noArguments", { command: word });
    } else if (command.needsPerson && !chat.ui.isInteractive) {
      chat.fail("mustBeTerminal", { command: wordOf(command, chat.speaker) });
    } else {
      await command.run(chat, rest);
    }
  }

  async #sendDoubtful(to: string, input: string): Promise<void> {
    const chat = this.#chat;
    const hint = closestCommand(splitWord(withoutSlash(input.trimStart())).word);
    if (hint !== undefined) chat.fail("didYouMean", { hint: `/${hint}` });
    if (!chat.ui.isInteractive) chat.fail("looksLikeCommand");
    else if (await chat.ui.confirm(chat.say("sendAnyway", { to }))) chat.send(to, input);
    else chat.tell("cancelled");
  }
}
