/**
 * What is said of the commands.
 *
 * @module
 */

import { LIMITS } from "../../../common/limits.ts";
import type { Speaker, TextKey } from "../../texts/texts.ts";
import { closest } from "../../../common/closest.ts";
import { withoutSlash } from "../input.ts";
import { fromRussianLayout } from "../russian_layout.ts";
import { errorLine, type Line, line } from "../styled_line.ts";
import type { Style } from "../theme.ts";
import { wrapTable, wrapWords } from "../wrap.ts";
import { type ChatCommand, wordOf } from "./command.ts";
import { COMMAND_WORDS, COMMANDS, findCommand } from "./commands.ts";

/** What stands for an argument in {@linkcode ChatCommand.usage}. */
const ARGUMENTS: Readonly<Record<string, TextKey>> = {
  WHO: "argumentWho",
  TEXT: "argumentText",
  ROOM: "argumentRoom",
  NAME: "argumentName",
  COMMAND: "argumentCommand",
  WORDS: "argumentWords",
  N: "argumentNumber",
  CODE: "argumentCode",
  TIME: "argumentTime",
  REASON: "argumentReason",
  ROLE: "argumentRole",
  WHAT: "argumentWhat",
  OFF: "argumentOff",
  KEY: "argumentKey",
  VALUE: "argumentValue",
};

/**
 * The command with its arguments, as in `message [WHO [TEXT]]`; in another language than English with its words in both,
 * as in `сообщение, message [КОМУ [ТЕКСТ]]`.
 */
export function usageOf(command: ChatCommand, speaker: Speaker): string {
  const words = [...new Set([wordOf(command, speaker), command.name])].join(", ");
  const rest = command.usage.replace(/[A-Z]+/g, (word) => speaker.say(ARGUMENTS[word]!));
  return `${words} ${rest}`.trimEnd();
}

/** The words of a command that {@linkcode usageOf} leaves out. */
export function otherWordsOf(command: ChatCommand, speaker: Speaker): string[] {
  const { name, russian, aliases } = command;
  const told = [name, wordOf(command, speaker)];
  return [...aliases, russian].filter((word) => !told.includes(word));
}

/**
 * The commands with one line of help each, but for those that stand in the help of another one, and for rare ones, which
 * are only named.
 *
 * @param columns How wide the place is where it is read, if it has a width.
 */
export function commandTable(speaker: Speaker, columns = Infinity): Line[] {
  const { say } = speaker;
  const others = COMMANDS.filter(({ isRare }) => isRare).map((rare) => wordOf(rare, speaker));
  const hint = say("helpHint", { others: others.join(", ") });
  return [
    ...tableOf(undefined, speaker, columns),
    ...wrapWords(hint, columns).map((row) => line("info", row, "faint")),
  ];
}

/** The commands that stand in the help of another one, or in that of none. */
function tableOf(under: string | undefined, speaker: Speaker, columns: number): Line[] {
  const commands = COMMANDS.filter((command) => command.under === under && !command.isRare);
  const rows = commands.map((command) =>
    [`  ${usageOf(command, speaker)}`, speaker.say(command.help)] as const
  );
  return wrapTable(rows, columns).map((row) => line("info", row));
}

/**
 * All that there is to know of a command.
 *
 * @param columns How wide the place is where it is read, if it has a width.
 */
export function commandHelp(command: ChatCommand, speaker: Speaker, columns = Infinity): Line[] {
  const { help, more } = command;
  const others = otherWordsOf(command, speaker);
  const { say } = speaker;
  const indented = (text: string, style: Style = "plain"): Line[] =>
    text.split("\n").flatMap((part) => wrapWords(part, columns - 2))
      .map((part) => line("info", `  ${part}`, style));
  return [
    line("info", usageOf(command, speaker), "strong"),
    ...indented(say(help)),
    ...(more === undefined ? [] : indented(say(more))),
    ...tableOf(command.name, speaker, columns),
    ...(others.length === 0
      ? []
      : indented(say("aliases", { aliases: others.join(", ") }), "faint")),
  ];
}

/** The word of a command that may be meant, also if it was typed with the Russian layout on. */
export function closestCommand(word: string): string | undefined {
  const latin = withoutSlash(fromRussianLayout(word));
  if (findCommand(latin) !== undefined) return latin;
  return closest(word.toLowerCase(), COMMAND_WORDS) ?? closest(latin, COMMAND_WORDS);
}

/** There is no such command; which one may be meant. */
export function unknownCommand(word: string, { say }: Speaker): Line {
  const { maxNameChars } = LIMITS;
  if (word.length > maxNameChars) word = `${word.slice(0, maxNameChars)}…`; // no command: a text, or a paste
  const hint = closestCommand(word);
  return errorLine(
    hint === undefined
      ? say("unknownCommand", { word })
      : say("unknownCommandHint", { word, hint }),
  );
}
