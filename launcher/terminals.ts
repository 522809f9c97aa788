/**
 * How the terminal programs of desktops are told to open a window that runs a command.
 *
 * @module
 */

import type { Command } from "./commands.ts";

/** A terminal program. */
export interface TerminalProgram {
  /** Its program. */
  readonly name: string;
  /** Opens a window with that title that runs the command and closes with it. */
  open(title: string, command: Command): Command;
}

/** A desktop as far as the choice of a terminal depends on it. */
export interface Desktop {
  /** `Deno.build.os`. */
  os: typeof Deno.build.os;
  /** Whether there is an X11 or Wayland display. */
  hasDisplay: boolean;
}

const plain = ({ program, args }: Command): string[] => [program, ...args];

/** On Unix desktops, the user's own choice first (Debian's alternatives), then what is most common. */
const UNIX_TERMINALS: readonly TerminalProgram[] = [
  {
    name: "x-terminal-emulator",
    open: (title, command) => ({
      program: "x-terminal-emulator",
      args: ["-T", title, "-e", ...plain(command)],
    }),
  },
  {
    name: "gnome-terminal",
    open: (title, command) => ({
      program: "gnome-terminal",
      args: ["--title", title, "--", ...plain(command)],
    }),
  },
  {
    name: "konsole",
    open: (title, command) => ({
      program: "konsole",
      args: ["-p", `tabtitle=${title}`, "-e", ...plain(command)],
    }),
  },
  {
    name: "xterm",
    open: (title, command) => ({
      program: "xterm",
      args: ["-T", title, "-e", ...plain(command)],
    }),
  },
];

/** Terminal.app gives the text to a shell; the window stays, with the shell's last word, if its settings say so. */
const MAC_TERMINALS: readonly TerminalProgram[] = [{
  name: "Terminal.app",
  open: (title, command) => ({
    program: "osascript",
    args: [
      "-e",
      'tell application "Terminal"',
      "-e",
      `set opened to do script ${appleText(`exec ${plain(command).map(shellWord).join(" ")}`)}`,
      "-e",
      `set custom title of opened to ${appleText(title)}`,
      "-e",
      "activate",
      "-e",
      "end tell",
    ],
  }),
}];

const WINDOWS_TERMINALS: readonly TerminalProgram[] = [
  {
    name: "Windows Terminal",
    // `;` separates commands of wt itself.
    open: (title, command) => ({
      program: "wt",
      args: ["-w", "-1", "new-tab", "--title", title, ...plain(command).map(escapeSemicolons)],
    }),
  },
  {
    name: "cmd",
    // `start` takes its first quoted argument as the title.
    open: (title, command) => ({
      program: "cmd",
      args: ["/d", "/c", "start", title, ...plain(command)],
    }),
  },
];

/** The terminal programs to try, the best first; none where there is no desktop. */
export function terminalsOf({ os, hasDisplay }: Desktop): readonly TerminalProgram[] {
  if (os === "windows") return WINDOWS_TERMINALS;
  if (os === "darwin") return MAC_TERMINALS;
  return hasDisplay ? UNIX_TERMINALS : [];
}

/** A word for a POSIX shell. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A text for AppleScript. */
export function appleText(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

function escapeSemicolons(text: string): string {
  return text.replaceAll(";", "\\;");
}
