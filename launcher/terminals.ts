/**
 * How the terminal programs of desktops are told to open a window that runs a command.
 *
 * @module
 */

import { shellWord } from "../common/shell_word.ts";
import type { Command } from "./commands.ts";

/** A terminal program; `open` makes a window with that title that runs a command and closes with it. */
export type TerminalProgram = Readonly<
  { name: string; open: (title: string, command: Command) => Command }
>;

/** A program that is given the title and the words of the command. */
function terminal(
  program: string,
  args: (title: string, words: readonly string[]) => string[],
  name = program,
): TerminalProgram {
  return {
    name,
    open: (title, command) => ({ program, args: args(title, [command.program, ...command.args]) }),
  };
}

/** On Unix desktops, the user's own choice first (Debian's alternatives), then what is most common. */
const UNIX_TERMINALS: readonly TerminalProgram[] = [
  terminal("x-terminal-emulator", (title, words) => ["-T", title, "-e", ...words]),
  terminal("gnome-terminal", (title, words) => ["--title", title, "--", ...words]),
  terminal("konsole", (title, words) => ["-p", `tabtitle=${title}`, "-e", ...words]),
  terminal("xterm", (title, words) => ["-T", title, "-e", ...words]),
];

/** Terminal.app gives the text to a shell; the window stays, with the shell's last word, if its settings say so. */
const MAC_TERMINALS: readonly TerminalProgram[] = [
  terminal("osascript", (title, words) =>
    [
      'tell application "Terminal"',
      `set opened to do script ${appleText(`exec ${words.map(shellWord).join(" ")}`)}`,
      `set custom title of opened to ${appleText(title)}`,
      "activate",
      "end tell",
    ].flatMap((line) => ["-e", line]), "Terminal.app"),
];

const WINDOWS_TERMINALS: readonly TerminalProgram[] = [
  // `;` separates commands of wt itself.
  terminal("wt", (title, words) => {
    const escaped = words.map((word) => word.replaceAll(";", "\\;"));
    return ["-w", "-1", "new-tab", "--title", title, ...escaped];
  }, "Windows Terminal"),
  // `start` takes its first quoted argument as the title.
  terminal("cmd", (title, words) => ["/d", "/c", "start", title, ...words]),
];

/** The terminal programs to try, the best first; on Unix desktops none without an X11 or Wayland display. */
export function terminalsOf(
  os: typeof Deno.build.os,
  hasDisplay: boolean,
): readonly TerminalProgram[] {
  if (os === "windows") return WINDOWS_TERMINALS;
  if (os === "darwin") return MAC_TERMINALS;
  return hasDisplay ? UNIX_TERMINALS : [];
}

/** A text for AppleScript. */
export function appleText(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
