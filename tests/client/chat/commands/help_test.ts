import { assertEquals } from "@std/assert";

import { COMMANDS, findCommand } from "../../../../client/chat/commands/commands.ts";
import {
  commandHelp,
  commandTable,
  unknownCommand,
} from "../../../../client/chat/commands/help.ts";
import { type Line, paint } from "../../../../client/chat/styled_line.ts";
import { speakerOf } from "../../../../client/texts/texts.ts";

const speaker = speakerOf("en");
const plain = (lines: Line[]): string[] => lines.map((line) => paint(line, false));

Deno.test("the table has a line for each command, and says that there is more", () => {
  const lines = plain(commandTable(speaker));
  assertEquals(lines.length, COMMANDS.length + 1);
  assertEquals(lines[2], "  close                 end the conversation");
  assertEquals(lines.at(-1), "help COMMAND tells more of one command.");
});

Deno.test("the help of one command has its usage, its lines and its other words", () => {
  assertEquals(plain(commandHelp(findCommand("chat")!, speaker)), [
    "chat WHO",
    "  open a conversation: each line is sent as it is",
    "  While it is open, commands begin with '/', as in /who;",
    "  '//' begins a message with one '/'.",
    "  '\\' at the end of a line continues the message on the next one.",
    "  also: query, q, чат",
  ]);
});

Deno.test("a word that is no command is cut, and never steers the terminal", () => {
  assertEquals(plain([unknownCommand("\x1b", speaker), unknownCommand("WHO!", speaker)]), [
    "There is no command '\\u{1b}'; 'help' lists all. Nothing was sent.",
    "There is no command 'WHO!'. Did you mean 'who'? Nothing was sent.",
  ]);
});
