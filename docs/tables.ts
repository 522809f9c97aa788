/**
 * The tables of commands and flags in the documentation, made from the tables in the code:
 * `deno task docs` writes them between the marks `<!-- commands:en -->` and `<!-- /commands -->`,
 * `<!-- client flags -->` and `<!-- /client flags -->`, and help texts after `<!-- help client -->`.
 *
 * @module
 */

import stringWidth from "string-width";

import { COMMANDS } from "../client/chat/commands/commands.ts";
import { otherWordsOf, usageOf } from "../client/chat/commands/help.ts";
import { CLIENT_COMMAND, CLIENT_FLAGS } from "../client/flags.ts";
import { type Language, LANGUAGES, speakerOf } from "../client/texts/texts.ts";
import { type CommandSpec, type Flag, type FlagTable, helpText } from "../common/flags.ts";
import { LAUNCH_COMMAND } from "../launcher/flags.ts";
import { CLUSTER_USERS_COMMAND } from "../server/admin/cluster_flags.ts";
import { NODES_COMMAND } from "../server/admin/nodes.ts";
import { USERS_COMMAND } from "../server/admin/flags.ts";
import { SERVER_COMMAND } from "../server/flags.ts";

/** The pages that hold such tables. */
export const PAGES = [
  "docs/client.md",
  "docs/cluster.md",
  "docs/operating.md",
  "README.md",
  "README.ru.md",
] as const;

/** The page with its tables as they have to be. */
export function insertTables(page: string): string {
  let text = page;
  for (const language of LANGUAGES) {
    text = between(text, `commands:${language}`, "commands", commandTable(language));
  }
  text = between(text, "client flags", "client flags", flagTable());
  for (const [task, command] of Object.entries(HELP)) text = insertHelp(text, task, command);
  return text;
}

/** Scripts whose help stands on a page, after `<!-- help TASK -->`. */
const HELP: Readonly<Record<string, CommandSpec<FlagTable>>> = {
  server: SERVER_COMMAND,
  client: CLIENT_COMMAND,
  launch: LAUNCH_COMMAND,
  users: USERS_COMMAND,
  "cluster-users": CLUSTER_USERS_COMMAND,
  nodes: NODES_COMMAND,
};

function insertHelp(page: string, task: string, command: CommandSpec<FlagTable>): string {
  const block = new RegExp(`(<!-- help ${task} -->\n+\`\`\`text\n)[^]*?(?=\`\`\`)`);
  return page.replace(block, (_, head) => `${head}${helpText(command)}\n`);
}

function commandTable(language: Language): string {
  const speaker = speakerOf(language);
  const { say } = speaker;
  return table([
    [say("helpCommand"), say("helpMeaning"), say("aliases", { aliases: "" }).replace(/:.*/, "")],
    ...COMMANDS.map((command) => [
      code(usageOf(command, speaker)),
      say(command.help),
      otherWordsOf(command, speaker).map(code).join(", "),
    ]),
  ]);
}

function flagTable(): string {
  return table([
    ["flag", "meaning", "default"],
    ...Object.entries<Flag>(CLIENT_FLAGS).map(([name, flag]) => [
      (flag.short === undefined ? "" : `${code(`-${flag.short}`)}, `) +
      code(flag.kind === "switch" ? `--${name}` : `--${name} ${flag.value}`),
      flag.kind === "choice" ? `${flag.help}: ${flag.choices.join(", ")}` : flag.help,
      flag.kind === "switch" || flag.default === undefined ? "" : code(String(flag.default)),
    ]),
  ]);
}

function code(text: string): string {
  return `\`${text}\``;
}

/** A table in Markdown, aligned as `deno fmt` has it. */
function table(rows: string[][]): string {
  const cells = rows.map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = cells[0]!.map((_, column) =>
    Math.max(3, ...cells.map((row) => stringWidth(row[column]!)))
  );
  const line = (row: string[]): string =>
    `| ${
      row.map((cell, column) => cell + " ".repeat(widths[column]! - stringWidth(cell))).join(" | ")
    } |`;
  const [head, ...body] = cells;
  const rule = line(widths.map((width) => "-".repeat(width)));
  return [line(head!), rule, ...body.map(line)].join("\n");
}

/** Replaces what stands between two marks, if they are there. */
function between(text: string, start: string, end: string, content: string): string {
  const from = text.indexOf(`<!-- ${start} -->`);
  if (from === -1) return text;
  const to = text.indexOf(`<!-- /${end} -->`, from);
  if (to === -1) throw new Error(`'<!-- ${start} -->' has no '<!-- /${end} -->' behind it`);
  return `${text.slice(0, from)}<!-- ${start} -->\n\n${content}\n\n${text.slice(to)}`;
}

if (import.meta.main) {
  for (const page of PAGES) {
    const url = new URL(`../${page}`, import.meta.url);
    const before = await Deno.readTextFile(url).catch(() => "");
    const after = insertTables(before);
    if (after !== before) await Deno.writeTextFile(url, after);
  }
}
