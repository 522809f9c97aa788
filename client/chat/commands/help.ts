/**
 * What is said of the commands.
 *
 * @module
 */

import { LIMITS } from "../../../common/limits.ts";
import { alignTable } from "../../../common/table.ts";
import type { Speaker } from "../../texts/texts.ts";
import { closest } from "../closest.ts";
import { errorLine, type Line, line } from "../styled_line.ts";
import type { ChatCommand } from "./command.ts";
import { COMMAND_WORDS, COMMANDS } from "./commands.ts";

/** All commands with one line of help each. */
export function commandTable({ say }: Speaker): Line[] {
  const rows = COMMANDS.map(({ name, usage, help }) => [`  ${name} ${usage}`.trimEnd(), say(help)]);
  return [
    ...alignTable(rows).map((row) => line("info", row)),
    line("info", say("helpHint"), "faint"),
  ];
}

/** All that there is to know of a command. */
export function commandHelp(command: ChatCommand, { say }: Speaker): Line[] {
  const { name, usage, help, more, aliases } = command;
  const lines = [
    line("info", `${name} ${usage}`.trimEnd(), "strong"),
    line("info", `  ${say(help)}`),
  ];
  if (more !== undefined) {
    lines.push(...say(more).split("\n").map((text) => line("info", `  ${text}`)));
  }
  if (aliases.length > 0) {
    lines.push(line("info", `  ${say("aliases", { aliases: aliases.join(", ") })}`, "faint"));
  }
  return lines;
}

/** The word of a command that may be meant. */
export function closestCommand(word: string): string | undefined {
  return closest(word.toLowerCase(), COMMAND_WORDS);
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
