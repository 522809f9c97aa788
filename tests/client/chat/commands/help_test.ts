import { assert, assertEquals } from "@std/assert";
import stringWidth from "string-width";

import { COMMANDS, findCommand } from "../../../../client/chat/commands/commands.ts";
import {
  commandHelp,
  commandTable,
  unknownCommand,
  usageOf,
} from "../../../../client/chat/commands/help.ts";
import { type Line, paint } from "../../../../client/chat/styled_line.ts";
import { LANGUAGES, speakerOf, TEXTS } from "../../../../client/texts/texts.ts";

const speaker = speakerOf("en");
const plain = (lines: Line[]): string[] => lines.map((line) => paint(line));

/** Those that stand in the table of all, not in the help of another one, and are not only named below. */
const TABLED = COMMANDS.filter(({ under, isRare }) => under === undefined && !isRare);

Deno.test("the table has a line for each command of every day, and names the rare ones", () => {
  const lines = plain(commandTable(speaker));
  assertEquals(lines.length, TABLED.length + 1);
  assertEquals(lines[2], "  close                 end the conversation");
  assertEquals(
    lines.at(-1),
    "Also: me, whois, away, block, unblock, nick, settings, quiet; 'help COMMAND' tells more of each.",
  );
});

Deno.test("the table fits one screen of 80 × 24, is never cut in a word, and is Russian in Russian", () => {
  for (const language of LANGUAGES) {
    const own = speakerOf(language);
    assert(commandTable(own, 79).length + 2 <= 24);
    const words = (columns: number): string =>
      plain(commandTable(own, columns)).join(" ").replace(/\s+/g, " ");
    for (const columns of [79, 69, 39]) {
      assertEquals(words(columns), words(Infinity));
      for (const row of plain(commandTable(own, columns))) assert(stringWidth(row) <= columns, row);
    }
  }
  assert(!/[A-Z]{2}/.test(plain(commandTable(speakerOf("ru"))).join("")));
});

Deno.test("in Russian a command goes by its Russian word, with the English one beside it", () => {
  const russian = speakerOf("ru");
  for (const columns of [79, 39]) {
    const rows = plain(commandTable(russian, columns));
    for (const { name, russian: word } of TABLED) {
      const start = `  ${word}, ${name}`;
      assert(rows.some((row) => row.startsWith(start)), `${start} in ${columns} columns`);
    }
  }
  assertEquals(commandTable(russian, 79).length, TABLED.length + 2, "a row each, two for the rest");
  const last = plain(commandTable(russian, 79)).slice(-2).join(" ");
  assert(last.includes("ник, настройки, тихо;"), last);
  assertEquals(
    plain(commandHelp(findCommand("find")!, russian)).at(-1),
    "  также: find, more, ещё",
  );
  assertEquals(plain(commandHelp(findCommand("find")!, russian))[0], "поиск, search [СЛОВА]");
});

Deno.test("what is not in the table stands in the help of a command that is, which says so there", () => {
  for (const language of LANGUAGES) {
    const own = speakerOf(language);
    for (const command of COMMANDS) {
      if (command.under === undefined) continue;
      const leader = TABLED.find(({ name }) => name === command.under)!;
      const rows = plain(commandHelp(leader, own, 79));
      const start = `  ${usageOf(command, own)}`;
      assert(rows.some((row) => row.startsWith(start)), `${start} in ${leader.name}`);
      const word = language === "ru" ? `«справка ${leader.russian}»` : `'help ${leader.name}'`;
      assert(plain(commandTable(own)).some((row) => row.includes(word)), word);
    }
  }
});

Deno.test("no Russian sentence calls a command by its English word", () => {
  for (const [key, text] of Object.entries(TEXTS.ru)) {
    for (const [, word] of text.matchAll(/(?:«\/?|[\s(]\/)([a-z]+)/g)) {
      assertEquals([key, findCommand(word!)], [key, undefined]);
    }
  }
});

Deno.test("the help of one command has its usage, its lines and its other words", () => {
  assertEquals(plain(commandHelp(findCommand("chat")!, speaker)), [
    "chat WHO",
    "  open a conversation: 'help chat' tells more",
    "  While it is open, each line is sent as it is, and commands begin with '/', as in /who;",
    "  '//' begins a message with one '/'.",
    "  '\\' at the end of a line continues the message on the next one.",
    "  Alt-1 … Alt-9 open a conversation by its number, Ctrl-N and Ctrl-P the next one and the one before,",
    "  Alt-A the next one with something new.",
    "  next  open the next conversation with something new",
    "  all   show everything in one stream, or the open conversation alone",
    "  also: query, q, чат",
  ]);
});

Deno.test("a word that is no command is cut, and never steers the terminal", () => {
  assertEquals(plain([unknownCommand("\x1b", speaker), unknownCommand("WHO!", speaker)]), [
    "There is no command '\\u{1b}'; 'help' lists all. Nothing was sent.",
    "There is no command 'WHO!'. Did you mean 'who'? Nothing was sent.",
  ]);
});
